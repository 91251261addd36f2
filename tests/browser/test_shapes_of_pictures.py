"""R27: a picture of any shape is seen, whole where that can be seen, and its size is told."""

import io

import pytest
from aiohttp import web
from PIL import Image
from playwright.async_api import Locator, Page, expect

from tests.browser.ended import open_ended
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.files.pictures import saved
from tests.worlds.patience import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

RED, BLUE = (200, 30, 30), (30, 30, 200)


def halves(width: int, height: int) -> bytes:
    """Red, and blue in its lower half."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (0, height // 2, width, height))
    return saved(picture, "PNG")


async def opened(page: Page, origin: Origin, client: Client, picture: bytes) -> None:
    origin.show = lambda _: web.Response(body=picture, content_type="image/png")
    await open_ended(page, client, origin.csv(1))
    await expect(page.locator(".tile img")).not_to_have_js_property("naturalWidth", 0)


async def painted(place: Locator, across: float, down: float, colour: tuple[int, int, int]) -> None:
    """A browser paints a picture a moment after it has it."""

    async def is_so() -> bool:
        seen = Image.open(io.BytesIO(await place.screenshot())).convert("RGB")
        here = seen.getpixel((int(seen.width * across), int(seen.height * down)))
        return here == pytest.approx(colour, abs=20)

    await until(is_so)


async def test_a_tile_shows_the_whole_of_a_picture_that_is_higher_than_wide(
    page: Page, origin: Origin, client: Client
) -> None:
    await opened(page, origin, client, halves(600, 900))
    thumb = page.locator(".thumb")
    await painted(thumb, 0.5, 0.4, RED)
    await painted(thumb, 0.5, 0.6, BLUE)


@pytest.mark.parametrize(("width", "height"), [(20_000, 10), (10, 20_000), (4_000, 1)])
async def test_of_a_picture_that_would_be_a_hair_line_the_middle_is_seen_and_the_size_is_told(
    page: Page, origin: Origin, client: Client, width: int, height: int
) -> None:
    await opened(page, origin, client, saved(Image.new("RGB", (width, height), RED), "PNG"))
    size = f"{width:,} \N{MULTIPLICATION SIGN} {height:,}"
    await expect(page.locator(".tile")).to_contain_text(size)
    for across, down in ((0.5, 0.5), (0.1, 0.9)):
        await painted(page.locator(".thumb"), across, down, RED)
    await page.get_by_role("button", name="Image 1: before and after").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.locator("footer")).to_contain_text(f"{size} · Fit shows its middle")
    for side in ("Before", "After"):
        await expect(page.get_by_role("img", name=side)).to_have_js_property("naturalWidth", width)
    for across, down in ((0.25, 0.9), (0.75, 0.9)):
        await painted(dialog.locator(".pair"), across, down, RED)
    await dialog.get_by_role("button", name="100 %", exact=True).click()
    whole = await page.locator(".pair .after").bounding_box()
    assert whole is not None
    assert (whole["width"], whole["height"]) == (width, height)
