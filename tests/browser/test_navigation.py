"""R27: the page opens at the one address, finds its way about, and says when the server is away."""

import asyncio
import re

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect

from tests.browser.ended import one_of_two_fails, open_ended
from tests.system.client import Client
from tests.system.origin import Origin

pytestmark = pytest.mark.asyncio(loop_scope="session")

PARTS_IN_SEVERAL_LINES = """(code) => [...code.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
    .flatMap((node) => [...node.data.matchAll(/[^/]+/g)].filter(({ 0: part, index }) => {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + part.length);
        return range.getClientRects().length > 1;
    })).map(([part]) => part)"""


async def test_the_page_opens_at_the_one_address_and_asks_nobody_else(page: Page, address: str) -> None:
    """R27 R25"""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto("/")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.get_by_role("link", name="New")).to_have_attribute("aria-current", "page")
    assert len(asked) > 20
    assert [url for url in asked if not url.startswith(address)] == []


async def test_an_address_leads_to_its_view_also_after_a_reload(page: Page) -> None:
    await page.goto("/#/requests")
    await expect(page.get_by_role("heading", name="Requests", exact=True)).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="Requests", exact=True)).to_be_visible()
    await page.go_back()
    await page.goto("/#/requests/00000000-0000-7000-8000-000000000000")
    await expect(page.get_by_text("There is nothing here")).to_be_visible()
    await page.get_by_role("link", name="Start a new one").click()
    await expect(page.get_by_role("button", name="Choose files")).to_be_visible()


async def test_a_server_that_is_away_is_told_and_comes_back_by_itself(page: Page) -> None:
    await page.goto("/#/requests")
    await expect(page.get_by_role("heading", name="Requests", exact=True)).to_be_visible()

    async def away(route: Route) -> None:
        await route.abort()

    await page.route("**/v1/**", away)
    await page.get_by_role("button", name="Done", exact=True).click()
    banner = page.locator(".banner")
    await expect(banner).to_contain_text("The server does not answer. This page goes on by itself")
    await page.unroute("**/v1/**")
    await expect(banner).to_be_hidden()
    await expect(page.locator(".requests, .empty h2")).not_to_contain_text("Something went wrong")
    await expect(page.get_by_role("button", name="Done", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


async def test_a_network_that_is_gone_is_told_and_what_was_wished_comes_when_it_is_back(
    window: BrowserContext, page: Page
) -> None:
    await page.goto("/#/requests")
    await expect(page.get_by_role("heading", name="Requests", exact=True)).to_be_visible()
    await window.set_offline(True)
    await page.get_by_role("button", name="Cancelled", exact=True).click()
    await expect(page.locator(".banner")).to_contain_text("You are offline.")
    await expect(page.locator(".empty")).to_be_visible()
    async with page.expect_response("**/v1/requests?state=cancelled*"):
        await window.set_offline(False)
    await expect(page.locator(".banner")).to_be_hidden()
    await expect(page.locator(".requests, .empty h2")).not_to_contain_text("Something went wrong")


@pytest.mark.parametrize("view", ["/#/requests", "/#/requests/0193"])
async def test_a_view_that_is_waited_for_says_so(page: Page, view: str) -> None:
    is_seen = asyncio.Event()

    async def late(route: Route) -> None:
        await is_seen.wait()
        await route.continue_()

    await page.route(re.compile("/v1/requests"), late)
    await page.goto(view)
    await expect(page.get_by_text("It is on its way")).to_be_visible()
    is_seen.set()
    await expect(page.locator(".requests, .empty")).to_be_visible()
    await expect(page.get_by_text("It is on its way")).to_have_count(0)


async def test_a_request_that_could_not_be_read_is_shown_once_the_server_is_back(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27 R05"""
    request_id = await open_ended(page, client, one_of_two_fails(origin))
    await expect(page.locator("button.tile")).to_have_count(1)

    async def unread(route: Route) -> None:
        await (route.continue_() if route.request.method == "POST" else route.abort())

    await page.route("**/v1/**", unread)
    await page.get_by_role("button", name="Try all of them again").click()
    await expect(page.get_by_role("heading", name="Something went wrong")).to_be_visible()
    await client.until_ended(request_id)
    await page.unroute("**/v1/**")
    await expect(page.get_by_text("Run 2")).to_be_visible()
    await expect(page.locator("button.tile")).to_have_count(1)


async def test_what_the_docs_lead_to_is_not_broken_within_a_word(page: Page) -> None:
    """R25"""
    await page.set_viewport_size({"width": 1280, "height": 860})
    await page.goto("/docs")
    codes = page.locator("nav li code")
    assert await codes.count() > 20
    broken: list[str] = []
    for each in await codes.all():
        broken += await each.evaluate(PARTS_IN_SEVERAL_LINES)
    assert broken == []


async def test_the_key_is_asked_for_once_and_kept_as_long_as_the_tab(
    window: BrowserContext, page: Page
) -> None:
    """R27 R20"""
    key = "pxm_right"

    async def guarded(route: Route) -> None:
        if route.request.headers.get("x-api-key") == key:
            headers = {name: text for name, text in route.request.headers.items() if name != "x-api-key"}
            await route.continue_(headers=headers)
        else:
            problem = (
                '{"type": "/problems/unauthorized", "status": 401, "error": "A valid API key is needed."}'
            )
            await route.fulfill(status=401, body=problem, content_type="application/problem+json")

    await window.route("**/v1/**", guarded)
    await page.goto("/#/requests")
    dialog = page.get_by_role("dialog", name="Which key is yours?")
    await dialog.get_by_label("API key").fill("pxm_w…ong")  # which no header can carry
    await dialog.get_by_role("button", name="Use it").click()
    for _ in range(2):
        await page.keyboard.press("Escape")
        await expect(dialog.get_by_label("API key")).to_be_focused()
    await dialog.get_by_label("API key").fill("pxm_wrong")
    await dialog.get_by_role("button", name="Use it").click()
    await expect(page.get_by_text("The server did not take this key.")).to_be_visible()
    await page.get_by_label("API key").fill(key)
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await page.reload()
    await expect(page.get_by_role("button", name="All", exact=True)).to_be_visible()
    await expect(page.locator(".requests, .empty")).to_be_visible()
    await expect(dialog).to_have_count(0)
    kept = await page.evaluate(
        "[localStorage.length, document.cookie, sessionStorage.getItem('pixmill-key')]"
    )
    assert kept == [0, "", key]
    await page.get_by_role("link", name="For programs: the API").focus()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Forget the key")).to_be_focused()
    await page.get_by_role("button", name="Forget the key").click()
    await expect(dialog).to_be_visible()
    assert await page.evaluate("sessionStorage.getItem('pixmill-key')") is None
    other = await window.new_page()
    await other.goto("/#/requests")
    await expect(other.get_by_role("dialog", name=re.compile("key"))).to_be_visible()
