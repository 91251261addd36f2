"""R27: a picture of any shape is seen whole."""

import io

import pytest
from aiohttp import web
from PIL import Image
from playwright.async_api import Locator, Page, expect

from tests.browser.ended import open_ended
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.files.pictures import saved

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


async def colour_at(place: Locator, across: float, down: float) -> tuple[int, ...]:
    seen = Image.open(io.BytesIO(await place.screenshot())).convert("RGB")
    colour = seen.getpixel((int(seen.width * across), int(seen.height * down)))
    assert isinstance(colour, tuple)
    return colour


async def test_a_tile_shows_the_whole_of_a_picture_that_is_higher_than_wide(
    page: Page, origin: Origin, client: Client
) -> None:
    await opened(page, origin, client, halves(600, 900))
    thumb = page.locator(".thumb")
    assert await colour_at(thumb, 0.5, 0.4) == pytest.approx(RED, abs=20)
    assert await colour_at(thumb, 0.5, 0.6) == pytest.approx(BLUE, abs=20)
