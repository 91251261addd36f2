"""R27: the slider between before and after, by mouse, by touch and by keys."""

import io
from itertools import pairwise

import pytest
from aiohttp import web
from PIL import Image
from playwright.async_api import Browser, FloatRect, Locator, Page, ViewportSize, expect

from tests.browser.chromium import PATIENCE_MILLISECONDS
from tests.browser.ended import open_ended
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.files.pictures import saved

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = ViewportSize(width=360, height=740)
GLASS = saved(Image.new("RGBA", (160, 120), (200, 30, 30, 90)), "PNG")
THIN = saved(Image.new("RGB", (3, 300), (200, 30, 30)), "PNG")


async def opened(page: Page, origin: Origin, client: Client) -> Locator:
    """The slider over a picture that is done."""
    await open_ended(page, client, origin.csv(1))
    await page.get_by_role("button", name="Image 1: before and after").click()
    for side in ("Before", "After"):  # nothing moves any more
        await expect(page.get_by_role("img", name=side)).to_have_js_property("naturalWidth", 160)
    return page.get_by_role("slider")


async def place_of(slider: Locator) -> FloatRect:
    box = await slider.bounding_box()
    assert box is not None
    return box


async def expect_at(page: Page, slider: Locator, least: int, most: int) -> None:
    """The picture is cut where the slider stands."""
    value = int(await slider.input_value())
    assert least <= value <= most
    cut = await page.locator(".pair .before").evaluate("image => getComputedStyle(image).clipPath")
    assert cut == f"inset(0px calc(100% - {value}%) 0px 0px)" or cut == f"inset(0px {100 - value}% 0px 0px)"


async def test_the_slider_follows_a_mouse(page: Page, origin: Origin, client: Client) -> None:
    slider = await opened(page, origin, client)
    box = await place_of(slider)
    middle = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + box["width"] / 2, middle)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=4)
    await page.mouse.up()
    await expect_at(page, slider, 70, 90)
    await page.mouse.move(box["x"], middle)  # nothing is held any more
    await expect_at(page, slider, 70, 90)


async def test_the_slider_follows_a_finger(
    browser: Browser, address: str, origin: Origin, client: Client
) -> None:
    phone = await browser.new_context(base_url=address, viewport=PHONE, has_touch=True, is_mobile=True)
    phone.set_default_timeout(PATIENCE_MILLISECONDS)
    page = await phone.new_page()
    slider = await opened(page, origin, client)
    box = await place_of(slider)
    tools = await phone.new_cdp_session(page)
    middle = box["y"] + box["height"] / 2
    for kind, share in (("touchStart", 0.5), ("touchMove", 0.4), ("touchMove", 0.3), ("touchMove", 0.2)):
        point = {"x": box["x"] + box["width"] * share, "y": middle}
        await tools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    await tools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await expect_at(page, slider, 10, 30)
    await phone.close()


async def test_the_slider_follows_keys(page: Page, origin: Origin, client: Client) -> None:
    slider = await opened(page, origin, client)
    await expect(slider).to_be_focused()
    for key, value in (("ArrowLeft", 49), ("ArrowUp", 50), ("PageUp", 60), ("Home", 0), ("End", 100)):
        await page.keyboard.press(key)
        await expect(slider).to_have_value(str(value))
        await expect_at(page, slider, value, value)


async def test_through_what_is_transparent_the_other_side_is_not_seen(
    page: Page, origin: Origin, client: Client
) -> None:
    origin.show = lambda _: web.Response(body=GLASS, content_type="image/png")
    await opened(page, origin, client)
    shown = Image.open(io.BytesIO(await page.locator(".pair").screenshot())).convert("RGB")
    before, after = (shown.getpixel((shown.width * part // 4, shown.height * 3 // 4)) for part in (1, 3))
    assert before == pytest.approx(after, abs=4)  # of one colour all over


@pytest.mark.parametrize("zoom", ["Fit", "100 %", "200 %"])
async def test_beside_a_picture_of_few_pixels_before_and_after_stand_on_their_sides(
    page: Page, origin: Origin, client: Client, zoom: str
) -> None:
    """R27: they lay over each other, or on the other one's side."""
    origin.show = lambda _: web.Response(body=THIN, content_type="image/png")
    await open_ended(page, client, origin.csv(1))
    await page.get_by_role("button", name="Image 1: before and after").click()
    await expect(page.get_by_role("img", name="After")).to_have_js_property("naturalHeight", 300)
    await page.get_by_role("dialog").get_by_role("button", name=zoom, exact=True).click()
    before, after, picture = [
        await place_of(page.locator(".pair").get_by_text("Before", exact=True)),
        await place_of(page.locator(".pair").get_by_text("After", exact=True)),
        await place_of(page.locator(".pair")),
    ]
    middle = picture["x"] + picture["width"] / 2
    assert before["x"] + before["width"] < middle < after["x"]
    assert before["y"] == after["y"]


@pytest.mark.parametrize("seen", [(640, 400), (667, 375), (320, 256)], ids=["200 %", "phone lying", "400 %"])
async def test_nothing_lies_over_a_picture_where_little_is_seen_at_once(
    page: Page, origin: Origin, client: Client, seen: tuple[int, int]
) -> None:
    """R27: as of a window of 1280 pixels by its zoom: what has no room is scrolled to."""
    await page.set_viewport_size(ViewportSize(width=seen[0], height=seen[1]))
    await opened(page, origin, client)
    dialog = page.get_by_role("dialog")
    parts = [await place_of(dialog.locator(part)) for part in ("header", ".view", "footer")]
    for above, below in pairwise(parts):
        assert above["y"] + above["height"] <= below["y"]
    for name in ("Close", "The next one"):
        await dialog.get_by_role("button", name=name).scroll_into_view_if_needed()
        await expect(dialog.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
