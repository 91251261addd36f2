"""R27: whoever uses keys or a screen reader stays in the view when what had the focus is gone."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.clock import stop_the_clock
from tests.browser.ended import ended, one_of_two_fails, open_ended
from tests.browser.files import choose, csv_file, csv_of, paste
from tests.system.client import Client
from tests.system.origin import Origin

pytestmark = pytest.mark.asyncio(loop_scope="session")

MORE_THAN_SHOWN = 10  # mistakes
LONGER_THAN_UNDO = 10_000


def view(page: Page) -> Locator:
    return page.get_by_role("main")


async def test_when_a_request_is_stopped_and_when_it_goes_on(page: Page, origin: Origin) -> None:
    origin.hold()
    await page.goto("/")
    await choose(page, csv_file(origin.csv(2)))
    await page.get_by_role("button", name="Send 2 images").press("Enter")
    await page.get_by_role("button", name="Stop it").press("Enter")
    await expect(page.get_by_role("button", name="Stop it")).to_have_count(0)
    await expect(view(page)).to_be_focused()
    origin.release()
    await page.get_by_role("button", name="Go on with it").press("Enter")
    await expect(page.get_by_text("All 2 images are done.", exact=True)).to_be_visible()
    await expect(view(page)).to_be_focused()


async def test_when_what_failed_is_tried_again(page: Page, origin: Origin, client: Client) -> None:
    await open_ended(page, client, one_of_two_fails(origin))
    await page.get_by_role("button", name="Try all of them again").press("Enter")
    await expect(page.get_by_text("Run 2")).to_be_visible()
    await expect(view(page)).to_be_focused()


async def test_when_a_file_is_taken_out_and_not_at_all_when_one_comes(page: Page) -> None:
    await page.goto("/")
    await choose(page, csv_file(csv_of("1,Vase,http://a.test/1.jpg"), "a.csv"))
    send = page.get_by_role("button", name="Send 1 image", exact=True)
    await send.focus()
    await paste(page, "http://a.test/2.jpg")
    await expect(send).to_have_count(2)
    await expect(send.first).to_be_focused()
    await page.get_by_role("button", name="Take it out: a.csv").press("Enter")
    await expect(send).to_have_count(1)
    await expect(view(page)).to_be_focused()


async def test_when_a_button_has_done_all_that_it_does(page: Page) -> None:
    await page.goto("/")
    await page.get_by_role("button", name="Paste rows").press("Enter")
    wrong = (f"x,Vase {nth},http://a.test/{nth}.jpg" for nth in range(MORE_THAN_SHOWN))
    await page.keyboard.insert_text(csv_of(*wrong, "1,Lamp,http://a.test/lamp.jpg"))
    await page.get_by_role("button", name="Use these rows").press("Enter")
    await expect(view(page)).to_be_focused()
    await page.get_by_role("button", name="Show 2 more").press("Enter")
    await expect(page.get_by_role("region", name="10 mistakes: pasted.csv")).to_be_focused()
    await page.get_by_role("button", name="Show pictures").press("Enter")
    await expect(page.get_by_role("region", name="The first rows: pasted.csv")).to_be_focused()


async def test_when_a_deletion_is_taken_back_or_can_be_no_longer(
    page: Page, origin: Origin, client: Client
) -> None:
    request_id = await ended(client, origin.csv(1))
    await stop_the_clock(page)
    await page.goto("/#/requests")
    delete = page.locator(f"[data-request='{request_id}'] button")
    await delete.press("Enter")
    await page.get_by_role("button", name="Undo").press("Enter")
    await expect(delete).to_be_focused()
    await delete.press("Enter")
    await page.clock.run_for(LONGER_THAN_UNDO)
    await expect(page.locator(".toast")).to_have_count(0)
    await expect(view(page)).to_be_focused()
