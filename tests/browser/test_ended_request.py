"""R27: what came out of a request: savings, pictures, failures by cause, files, the webhook."""

import asyncio

import pytest
from aiohttp import web
from playwright.async_api import Page, expect

from services.notifier.listen import LocalReceiver
from tests.browser.clock import stop_the_clock
from tests.browser.files import choose, csv_file, csv_of, id_shown
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.files.pictures import noise, saved
from tests.worlds.hosts.origin_server import picture

pytestmark = pytest.mark.asyncio(loop_scope="session")

LARGE_SIZE = (1600, 1200)
LARGE = saved(noise(LARGE_SIZE).convert("RGB"), "JPEG", quality=90)
TIFF = saved(noise((160, 120)).convert("RGB"), "TIFF")


async def ended(page: Page, client: Client, text: str, webhook: str = "") -> str:
    await page.goto("/")
    await choose(page, csv_file(text, "spring.csv"))
    await page.get_by_label("Tell a program when it is done").fill(webhook)
    await page.get_by_role("button", name="Send", exact=False).first.click()
    request_id = await id_shown(page)
    await client.until_ended(request_id)
    await expect(page.locator(".ended")).to_be_visible()
    return request_id


async def test_savings_and_files_are_told_as_a_person_would(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27 R14"""
    await ended(page, client, origin.csv(3))
    await expect(page.locator(".figure")).to_contain_text("→")
    await expect(page.locator(".figure")).to_contain_text("% less")
    await expect(page.get_by_role("group", name="Downloads")).to_contain_text("has an apostrophe before it")
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="Your CSV with the new addresses").click()
    file = await (await saving.value).path()
    text = await asyncio.to_thread(file.read_text)
    assert text.splitlines()[0].endswith("Output Image Urls")
    assert len(text.splitlines()) == 4


async def test_a_picture_is_compared_by_keys_and_the_next_one_is_a_step_away(
    page: Page, origin: Origin, client: Client
) -> None:
    await ended(page, client, origin.csv(3))
    await page.get_by_role("button", name="Image 1: before and after").click()
    dialog = page.get_by_role("dialog")
    for side in ("Before", "After"):
        await expect(dialog.get_by_role("img", name=side)).to_have_js_property("naturalWidth", 160)
    slider = dialog.get_by_role("slider")
    await expect(slider).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(slider).to_have_value("51")
    assert await dialog.locator(".pair").evaluate("pair => pair.style.getPropertyValue('--at')") == "51%"
    await dialog.get_by_role("button", name="200 %").click()
    await expect(dialog.get_by_role("button", name="200 %")).to_have_attribute("aria-pressed", "true")
    await dialog.get_by_role("button", name="The next one").click()
    await expect(dialog.get_by_role("heading", name="2-0.jpg")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Image 1: before and after")).to_be_focused()


async def test_at_the_first_and_the_last_picture_there_is_no_way_further(
    page: Page, origin: Origin, client: Client
) -> None:
    await ended(page, client, origin.csv(2))
    await page.get_by_role("button", name="Image 1: before and after").click()
    dialog = page.get_by_role("dialog")
    back, on = (dialog.get_by_role("button", name=way) for way in ("The one before", "The next one"))
    await expect(back).to_be_disabled()
    await on.press("Enter")
    await expect(on).to_be_disabled()
    await expect(dialog.get_by_role("slider")).to_be_focused()
    await back.press("Enter")
    await expect(back).to_be_disabled()
    await expect(on).to_be_enabled()


async def test_a_picture_goes_when_another_view_comes(page: Page, origin: Origin, client: Client) -> None:
    await ended(page, client, origin.csv(1))
    await page.get_by_role("button", name="Image 1: before and after").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("button", name="Choose files")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_what_was_copied_is_told_above_its_picture(page: Page, origin: Origin, client: Client) -> None:
    await page.add_init_script("navigator.clipboard.writeText = async () => {};")
    await ended(page, client, origin.csv(1))
    await stop_the_clock(page)
    await page.get_by_role("button", name="Image 1: before and after").click()
    await page.get_by_role("button", name="Copy the new address").click()
    await expect(page.get_by_role("dialog").get_by_text("Copied", exact=True)).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()


async def test_of_a_picture_that_no_browser_shows_nothing_broken_is_drawn(
    page: Page, origin: Origin, client: Client
) -> None:
    origin.show = lambda _: web.Response(body=TIFF, content_type="image/tiff")
    await ended(page, client, origin.csv(1))
    tile = page.get_by_role("button", name="Image 1: before and after")
    await expect(tile.locator(".thumb .icon")).to_be_visible()
    await tile.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("The picture cannot be shown.")).to_be_visible()
    await expect(dialog.get_by_role("img")).to_have_count(0)


async def test_a_picture_without_its_original_stands_alone(
    page: Page, origin: Origin, client: Client
) -> None:
    await ended(page, client, origin.csv(2))
    await page.route("**/original/**", lambda route: route.abort())
    await page.get_by_role("button", name="Image 1: before and after").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("The original cannot be shown.")).to_be_visible()
    await expect(dialog.get_by_role("img", name="After")).to_be_visible()
    await expect(dialog.get_by_role("img", name="Before")).to_have_count(0)
    await page.unroute("**/original/**")
    await dialog.get_by_role("button", name="The next one").click()
    await expect(dialog.get_by_role("img", name="Before")).to_have_js_property("naturalWidth", 160)
    await expect(dialog.get_by_text("cannot be shown")).to_be_hidden()


async def test_a_large_picture_is_fitted_whole_the_one_side_over_the_other(
    page: Page, client: Client
) -> None:
    async with Origin(show=lambda _: web.Response(body=LARGE, content_type="image/jpeg")).open() as host:
        await ended(page, client, host.csv(1))
    await page.get_by_role("button", name="Image 1: before and after").click()
    before, after = (page.get_by_role("img", name=side) for side in ("Before", "After"))
    for image in (before, after):
        await expect(image).to_have_js_property("naturalWidth", LARGE_SIZE[0])
    frame, shown = await page.locator(".view").bounding_box(), await after.bounding_box()
    assert frame is not None
    assert shown is not None
    assert await before.bounding_box() == pytest.approx(shown, abs=1)
    assert frame["x"] <= shown["x"]
    assert shown["x"] + shown["width"] <= frame["x"] + frame["width"]
    assert shown["y"] + shown["height"] <= frame["y"] + frame["height"]


async def test_failures_are_told_by_cause_with_who_can_mend_them_and_tried_again(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27 R19"""
    rows = (f"1,Teapot,{origin.base}/1.jpg", f"2,Lamp,{origin.base}/missing.jpg", f"3,Mug,{origin.base}/text")
    await ended(page, client, csv_of(*rows))
    failures = page.locator(".failure")
    await expect(failures).to_have_count(2)
    lost = failures.filter(has_text="The host answered with HTTP status 404.")
    await expect(lost).to_contain_text("The host of the pictures has to mend it.")
    what_to_do = await lost.get_by_role("link", name="What to do").get_attribute("href")
    assert "<h1>http_404</h1>" in await (await page.request.get(str(what_to_do))).text()
    await lost.get_by_text("Which ones").click()
    await expect(lost.locator(".examples").get_by_role("link")).to_have_text([f"{origin.base}/missing.jpg"])
    await page.get_by_role("button", name="Try all of them again").click()
    await expect(page.get_by_text("Run 2")).to_be_visible()


async def test_a_request_of_one_image_that_failed_is_told_as_that(
    page: Page, origin: Origin, client: Client
) -> None:
    await ended(page, client, csv_of(f"1,Vase,{origin.base}/missing.jpg"))
    await expect(page.locator(".ended")).to_contain_text("0 of 1 image is done. 1 image failed.")


async def test_where_no_picture_is_done_those_that_failed_are_shown_until_a_retry_made_some(
    page: Page, origin: Origin, client: Client
) -> None:
    origin.show = lambda _: web.Response(status=404)
    request_id = await ended(page, client, origin.csv(1))
    failed = page.get_by_role("button", name="Failed", exact=True)
    await expect(failed).to_have_attribute("aria-pressed", "true")
    await expect(page.locator(".gallery .tile")).to_contain_text("HTTP status 404.")
    await page.get_by_role("button", name="Done", exact=True).click()
    await expect(page.get_by_text("No picture here", exact=True)).to_be_visible()
    await failed.click()
    origin.show = picture
    await page.get_by_role("button", name="Try all of them again").click()
    await expect(page.get_by_text("Run 2")).to_be_visible()
    await client.until_ended(request_id)
    await expect(page.locator("button.tile")).to_have_count(1)
    await expect(failed).to_have_attribute("aria-pressed", "false")


async def test_one_cause_of_failures_is_tried_again_alone(page: Page, origin: Origin, client: Client) -> None:
    """R27 R19"""
    rows = (f"1,Teapot,{origin.base}/1.jpg", f"2,Lamp,{origin.base}/missing.jpg", f"3,Mug,{origin.base}/text")
    request_id = await ended(page, client, csv_of(*rows))
    await expect(page.locator("h1 + .pill")).to_have_text("Done, 2 failed")
    await expect(page).to_have_title("Done, 2 failed · spring.csv · Pixmill")
    lost = page.locator(".failure").filter(has_text="HTTP status 404.")
    await lost.get_by_role("button", name="Try these again").click()
    await expect(page.get_by_text("Run 2")).to_be_visible()
    assert (await client.until_ended(request_id))["run"] == 2
    await expect(page.locator(".failure")).to_have_count(2)
    assert (origin.fetched["missing.jpg"], origin.fetched["text"]) == (2, 1)
    await page.goto("/#/requests")
    await expect(page.locator(".requests > li").first).to_contain_text("Done, 2 failed")


async def test_the_webhook_shows_each_try_and_how_to_verify_it(
    page: Page, origin: Origin, client: Client, receiver: LocalReceiver
) -> None:
    """R27 R17"""
    await ended(page, client, origin.csv(1), receiver.url)
    webhook = page.locator(".deliveries")
    await expect(webhook.get_by_text("Delivered", exact=True)).to_be_visible()
    await expect(webhook.get_by_role("row").nth(1)).to_contain_text("204")
    await webhook.get_by_text("How to verify it").click()
    await webhook.get_by_role("button", name="Show my secret").click()
    await expect(webhook.get_by_text(await client.webhook_secret())).to_be_visible()
