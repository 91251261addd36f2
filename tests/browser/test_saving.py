"""R27: what came out is saved: all pictures as one file, and a finished request on paper."""

import asyncio
import zipfile

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.clock import stop_the_clock
from tests.browser.ended import ended, one_of_two_fails, open_ended
from tests.browser.files import csv_of
from tests.system.client import Client
from tests.system.origin import Origin

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def shown(page: Page, origin: Origin, client: Client) -> None:
    """A request of three pictures that has ended."""
    await open_ended(page, client, origin.csv(3))
    await expect(page.locator("button.tile")).to_have_count(3)


async def test_all_pictures_come_down_as_one_zip(page: Page, origin: Origin, client: Client) -> None:
    """R27 R06"""
    await shown(page, origin, client)
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="All pictures as one ZIP").click()
    saved = await saving.value
    assert saved.suggested_filename == "images-products.zip"
    with zipfile.ZipFile(await saved.path()) as archive:
        assert await asyncio.to_thread(archive.testzip) is None
        pictures = [name for name in archive.namelist() if name.endswith(".jpg")]
    assert len(pictures) == 3


async def test_what_comes_down_has_the_same_name_with_a_key_and_without(
    page: Page, origin: Origin, client: Client
) -> None:
    """Without one the server's name counts, with one the page's."""
    await open_ended(page, client, one_of_two_fails(origin))
    links = page.get_by_role("group", name="Downloads").get_by_role("link")
    await expect(links).to_have_count(5)
    for link in await links.all():
        async with page.expect_download() as saving:
            await link.click()
        await expect(link).to_have_attribute("download", (await saving.value).suggested_filename)


async def test_what_needs_the_key_is_fetched_once_and_that_is_told(
    page: Page, origin: Origin, client: Client
) -> None:
    request_id = await ended(client, origin.csv(1))
    await page.add_init_script("sessionStorage.setItem('pixmill-key', 'pxm_any')")
    asked: list[str] = []
    is_clicked_twice = asyncio.Event()

    async def late(route: Route) -> None:
        asked.append(route.request.url)
        await is_clicked_twice.wait()
        await route.continue_()

    await page.route("**/images.zip", late)
    await stop_the_clock(page)
    await page.goto(f"/#/requests/{request_id}")
    link = page.get_by_role("link", name="All pictures as one ZIP")
    async with page.expect_download() as saving:
        await link.click()
        await link.click()
        await expect(page.get_by_text("saved once all of it is here")).to_have_count(1)
        is_clicked_twice.set()
    assert (await saving.value).suggested_filename == "images-products.zip"
    assert len(asked) == 1


async def test_a_finished_request_is_printed_without_what_only_a_screen_needs(
    page: Page, origin: Origin, client: Client
) -> None:
    await shown(page, origin, client)
    for picture in await page.locator("button.tile img").all():
        await expect(picture).not_to_have_js_property("naturalWidth", 0)
    await page.emulate_media(media="print")
    for seen in ("h1", ".figure", "button.tile >> nth=2"):
        await expect(page.locator(seen)).to_be_visible()
    for unseen in ("Delete", "All", "Your CSV with the new addresses"):
        await expect(page.get_by_text(unseen, exact=True)).to_be_hidden()
    await expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
    paper = await page.pdf(format="A4")
    assert paper.startswith(b"%PDF")
    assert paper.count(b"/Subtype /Image") >= 3


async def test_what_failed_is_printed_with_its_causes_and_nothing_to_press(
    page: Page, origin: Origin, client: Client
) -> None:
    rows = (
        f"{nth},Vase,{origin.base}/{name}" for nth, name in enumerate(("1.jpg", "missing.jpg", "text.jpg"))
    )
    await open_ended(page, client, csv_of(*rows))
    await expect(page.get_by_role("button", name="Try these again")).to_have_count(2)
    await page.emulate_media(media="print")
    await expect(page.get_by_text("The host answered with HTTP status 404.")).to_be_visible()
    await expect(page.get_by_role("main").get_by_role("link")).to_have_count(0)
    await expect(page.get_by_role("main").get_by_role("button", name="again")).to_have_count(0)
