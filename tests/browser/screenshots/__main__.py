"""`make screenshots`: the page in each of its states, by Chromium on a new stack, into docs/screenshots."""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

from aiohttp import web
from PIL import Image, ImageChops
from playwright.async_api import Browser, Locator, Page, Route, expect

from deploy.local.own_stack import own_stack
from deploy.local.usage import refuse_arguments
from tests.browser.chromium import chromium
from tests.browser.files import HEADER, choose, csv_file, id_shown
from tests.browser.screenshots.pottery import PRODUCTS, SIDE, photograph
from tests.system.origin import WAITS_FOR_WHAT_IS_HELD, Origin
from tests.worlds.deployment.deployed import ROOT

FOLDER = ROOT / "docs" / "screenshots"
MOST_BYTES = 150_000
COLOURS, EVEN = 256, 16
LATEST = 6  # pictures that are shown while others are made
AS_LONG_AS_IT_TAKES = 3_600_000  # milliseconds: whoever called it ends it sooner
Scheme = Literal["light", "dark"]
DESK, PHONE = (1280, 860), (360, 780)
EACH_SEEN_IS_DRAWN = """() => {
    const isSeen = (image) => image.getBoundingClientRect().top < innerHeight;
    return Promise.all([...document.images].filter(isSeen).map((image) => image.decode()));
}"""
WEB = "https://pottery.example"
MISTAKEN = f"""{HEADER}
1,Sage vase,{WEB}/sage-vase.jpg
2,Ink mug,"{WEB}/ink-mug.jpg,{WEB}/cream-mug.jpg"
three,Clay teapot,{WEB}/clay-teapot.jpg
4,,{WEB}/ochre-bowl.jpg
5,Cream bottle,htps://pottery.example/cream-bottle.jpg
6,Blush jar,{WEB}/blush-jar.jpg
"""


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    expect.set_options(timeout=AS_LONG_AS_IT_TAKES)
    with (
        tempfile.TemporaryDirectory() as data_dir,
        own_stack(Path(data_dir), **WAITS_FOR_WHAT_IS_HELD) as stack,
    ):
        await take(stack.endpoints["url"], FOLDER)


async def take(address: str, folder: Path) -> None:
    """In the order in which a shop meets them: the first one is of a stack that nobody has used yet."""
    async with chromium() as browser, Origin(show=photo).open() as host:
        async with window(browser, address) as page:
            await before_sending(page, folder)
            finished = await a_run(page, host, folder)
            await afterwards(page, host, folder)
        async with window(browser, address, size=PHONE) as page:
            await keep_ended(page, finished, folder / "phone.png")
        async with window(browser, address, scheme="dark") as page:
            await keep_ended(page, finished, folder / "dark.png")


async def before_sending(page: Page, folder: Path) -> None:
    await page.goto("/")
    await page.get_by_role("button", name="Choose files").wait_for()
    await keep(page, folder / "start.png")
    await choose(page, csv_file(MISTAKEN, "spring-collection.csv"))
    await page.get_by_role("button", name="Show pictures").click()
    await is_drawn(page.get_by_role("img", name="Row 2, picture 1"))
    await keep(page, folder / "mistakes.png")
    await page.get_by_role("button", name="Take it out").click()


async def a_run(page: Page, host: Origin, folder: Path) -> str:
    """Where its request is shown."""
    host.hold(after=len(PRODUCTS) * 3 // 4)
    request = await sent(
        page, shop_csv(host, [product.file for product in PRODUCTS]), "spring-collection.csv"
    )
    await page.mouse.move(0, 0)  # from where it pressed: pictures under it would stay as they are
    await page.get_by_text("75 %").wait_for()
    await page.locator(".latest button.tile").nth(LATEST - 1).wait_for()
    await keep(page, folder / "running.png")
    host.release()
    await ended(page)
    await keep(page, folder / "done.png")
    await page.get_by_role("button", name="Image 3: before and after").click()
    for side in ("Before", "After"):
        await is_drawn(page.get_by_role("img", name=side))
    await keep(page, folder / "compare.png")
    await page.keyboard.press("Escape")
    return request


async def afterwards(page: Page, host: Origin, folder: Path) -> None:
    files = [product.file for product in PRODUCTS[:5]]
    await sent(
        page, shop_csv(host, [*files, "missing-plate.jpg", "missing-cup.jpg", "text.jpg"]), "outlet.csv"
    )
    await ended(page)
    await keep(page, folder / "failures.png")
    await sent(page, shop_csv(host, files[:3]), "gift-sets.csv")
    await ended(page)
    host.hold(after=2)
    await sent(page, shop_csv(host, files), "autumn.csv")
    await page.get_by_text("2 of 5 images").wait_for()
    await opened(page, "/#/requests")
    await page.locator(".requests > li").first.wait_for()
    await keep(page, folder / "list.png")
    host.release()


@asynccontextmanager
async def window(
    browser: Browser, address: str, *, size: tuple[int, int] = DESK, scheme: Scheme = "light"
) -> AsyncIterator[Page]:
    width, height = size
    context = await browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        is_mobile=size == PHONE,
        color_scheme=scheme,
        locale="en-GB",
    )
    context.set_default_timeout(AS_LONG_AS_IT_TAKES)
    await context.route(f"{WEB}/**", the_shop_s)
    yield await context.new_page()
    await context.close()


async def the_shop_s(route: Route) -> None:
    await route.fulfill(body=photo_of(route.request.url.rpartition("/")[2]), content_type="image/jpeg")


def photo(name: str) -> web.Response:
    return web.Response(body=photo_of(name), content_type="image/jpeg")


@cache
def photo_of(name: str) -> bytes:
    return photograph(next(product for product in PRODUCTS if product.file == name))


def shop_csv(host: Origin, files: list[str]) -> str:
    rows = [f"{number},{file},{host.base}/{file}" for number, file in enumerate(files, start=1)]
    return "\n".join([HEADER, *rows]) + "\n"


async def sent(page: Page, text: str, name: str) -> str:
    await opened(page, "/#/")
    await choose(page, csv_file(text, name))
    await page.get_by_role("button", name="Send").click()
    return f"/#/requests/{await id_shown(page)}"


async def opened(page: Page, path: str) -> None:
    await page.goto(path)
    await page.wait_for_load_state("networkidle")


async def ended(page: Page) -> None:
    await page.locator(".ended").wait_for()
    await page.locator("button.tile").first.wait_for()


async def keep_ended(page: Page, request: str, file: Path) -> None:
    await opened(page, request)
    await ended(page)
    await keep(page, file)


async def is_drawn(image: Locator) -> None:
    await expect(image).to_have_js_property("naturalWidth", SIDE)


async def keep(page: Page, file: Path) -> None:
    await page.mouse.move(0, 0)  # nothing is pointed at
    await page.evaluate(EACH_SEEN_IS_DRAWN)
    await page.wait_for_load_state("networkidle")
    image = Image.open(io.BytesIO(await page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    packed = io.BytesIO()
    with_few_colours(image).save(packed, "PNG", optimize=True)
    size = len(packed.getvalue())
    assert size < MOST_BYTES, f"{file.name} has {size} bytes"
    await asyncio.to_thread(file.write_bytes, packed.getvalue())


def with_few_colours(image: Image.Image) -> Image.Image:
    """The page's own colours stay as they are, so that its surfaces are even; the others are for pictures."""
    counted: Any = sorted(image.getcolors(image.width * image.height) or [], reverse=True)[:EVEN]
    pictures = image.quantize(COLOURS - EVEN, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in counted for part in colour] + pictures)
    few = image.quantize(palette=palette)
    for index, (_, colour) in enumerate(counted):
        few.paste(index, mask=where(image, colour))
    return few


def where(image: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """A mask of all that has exactly this colour."""
    red, green, blue = ImageChops.difference(image, Image.new("RGB", image.size, colour)).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue).point([255] + [0] * 255)


if __name__ == "__main__":
    refuse_arguments("tests.browser.screenshots", __doc__, settings="")
    asyncio.run(main())
