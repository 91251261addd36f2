"""R27: the list of requests: by state, found by name or id, deleted with a way back."""

import uuid

import pytest
from playwright.async_api import Locator, Page, Route, ViewportSize, expect

from deploy.local.own_stack import OwnStack
from tests.browser.clock import stop_the_clock
from tests.browser.ended import ended, one_of_two_fails
from tests.browser.files import choose, csv_file, id_shown
from tests.browser.large_requests import many_requests
from tests.system.client import Client
from tests.system.origin import Origin

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE = 25  # of the list
SMALL_PHONE: ViewportSize = {"width": 320, "height": 640}
TABLET: ViewportSize = {"width": 820, "height": 1180}
HEIGHT = "(element) => element.offsetHeight"
TOP = "(element) => element.offsetTop"
END = "(element) => element.offsetTop + element.offsetHeight"
FROM_ITS_LINE = "(link) => link.getBoundingClientRect().top - link.closest('li').getBoundingClientRect().top"
LINES = "(link) => link.firstElementChild.getClientRects().length"


# Whether these words are within what is cut off after so many lines.
IS_SEEN = """(element, words) => {
    const range = new Range();
    const at = element.firstChild.data.indexOf(words);
    range.setStart(element.firstChild, at);
    range.setEnd(element.firstChild, at + words.length);
    return range.getBoundingClientRect().bottom <= element.getBoundingClientRect().bottom;
}"""


async def sent(page: Page, origin: Origin, client: Client, more: str = "") -> tuple[str, str]:
    """A request that ended: its file's name and its id."""
    name = f"{uuid.uuid4().hex}{more}.csv"
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1), name))
    await page.get_by_role("button", name="Send 1 image").click()
    request_id = await id_shown(page)
    await client.until_ended(request_id)
    return name, request_id


def line(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("link", name=name))


async def test_a_request_is_found_by_its_state_its_name_and_its_id(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27 R10"""
    name, request_id = await sent(page, origin, client)
    await page.goto("/#/requests")
    await expect(line(page, name)).to_be_visible()
    await expect(page.get_by_text("Stored: ")).to_be_visible()
    await page.get_by_role("button", name="Cancelled", exact=True).click()
    await expect(line(page, name)).to_have_count(0)
    await page.get_by_role("button", name="Done", exact=True).click()
    await expect(line(page, name)).to_be_visible()
    for part in (name[4:20], request_id):
        await page.get_by_role("searchbox").fill(part)
        await expect(page.locator(".requests > li")).to_have_count(1)
        await expect(line(page, name)).to_be_visible()
    await page.get_by_role("searchbox").fill("no file is called this")
    await expect(page.get_by_text("No request matches")).to_be_visible()


async def test_who_comes_back_from_a_request_finds_what_was_looked_for(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27 R10"""
    name, _ = await sent(page, origin, client)
    await page.goto("/#/requests")
    await page.get_by_role("button", name="Done", exact=True).click()
    await page.get_by_role("searchbox").fill(name)
    await expect(page.locator(".requests > li")).to_have_count(1)
    await page.get_by_role("link", name=name).click()
    await expect(page.locator(".ended")).to_be_visible()
    await page.go_back()
    await expect(page.locator(".requests > li")).to_have_count(1)
    await expect(page.get_by_role("searchbox")).to_have_value(name)
    done = page.get_by_role("button", name="Done", exact=True)
    await expect(done).to_have_attribute("aria-pressed", "true")


async def test_who_comes_back_from_a_request_is_where_it_was_opened(page: Page, stack: OwnStack) -> None:
    name = f"{uuid.uuid4().hex}.csv"
    await many_requests(stack.endpoints["postgres_dsn"], PAGE, name)
    await page.set_viewport_size({"width": 1280, "height": 500})
    await page.goto("/#/requests")
    last = page.locator(".requests a").nth(PAGE - 1)
    await expect(page.get_by_text("Stored: ")).to_be_visible()
    await last.scroll_into_view_if_needed()
    before = await page.evaluate("scrollY")
    await last.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)
    assert await page.evaluate("scrollY") == 0
    await page.route("**/v1/usage", lambda _: None)  # what is told below the list may come much later
    await page.go_back()
    await expect(last).to_be_in_viewport()
    assert await page.evaluate("scrollY") == before > 0


async def test_who_opens_a_request_while_typing_finds_what_was_typed(
    page: Page, origin: Origin, client: Client
) -> None:
    name, _ = await sent(page, origin, client)
    await stop_the_clock(page)  # before the search has begun
    await page.goto("/#/requests")
    await page.get_by_role("searchbox").fill(name)
    await page.get_by_role("link", name=name).click()
    await expect(page.locator(".ended")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("searchbox")).to_have_value(name)
    await expect(page.locator(".requests > li")).to_have_count(1)


async def test_the_longest_name_takes_three_lines(page: Page, origin: Origin, client: Client) -> None:
    name = f"{'a' * 250}.csv"
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1), name))
    await expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert await lines_of(page.get_by_role("heading", name=name)) == 3
    await page.get_by_role("button", name="Send 1 image").click()
    await client.until_ended(await id_shown(page))
    await page.goto("/#/requests")
    link = page.get_by_role("link", name=name).first
    await expect(link).to_be_visible()
    assert await lines_of(link) == 3
    await page.set_viewport_size({"width": 1280, "height": 860})
    assert await lines_of(link) == 3
    assert await link.evaluate(FROM_ITS_LINE) > 0


async def test_on_a_small_phone_a_short_name_takes_one_line(page: Page, origin: Origin) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1), "spring sale.csv"))
    heading = page.get_by_role("heading", name="spring sale.csv")
    await expect(heading).to_be_visible()
    assert await lines_of(heading) == 1


async def test_what_is_told_of_a_request_of_10_000_images_takes_one_line(page: Page, stack: OwnStack) -> None:
    name = f"{uuid.uuid4().hex}.csv"
    await many_requests(stack.endpoints["postgres_dsn"], 1, name, images_each=10_000)
    await page.set_viewport_size({"width": 1280, "height": 740})
    await page.goto("/#/requests")
    images, saved = line(page, name).locator(".images"), line(page, name).locator(".saved")
    await expect(images).to_have_text("10,000 of 10,000 images")
    await expect(saved).to_have_text("2 GB → 800 MB")
    assert (await lines_of(images), await lines_of(saved)) == (1, 1)


async def lines_of(name: Locator) -> int:
    lines = "(name) => name.offsetHeight / Number.parseFloat(getComputedStyle(name).lineHeight)"
    count: float = await name.evaluate(lines)
    return round(count)


async def test_the_list_is_turned_page_by_page(page: Page, stack: OwnStack) -> None:
    """R27 R10"""
    name = f"{uuid.uuid4().hex}.csv"
    await many_requests(stack.endpoints["postgres_dsn"], 2 * PAGE + 1, name)
    await page.goto("/#/requests")
    await page.get_by_role("searchbox").fill("no file is called this")  # so that what comes next is found
    await expect(page.get_by_text("No request matches")).to_be_visible()
    await page.get_by_role("searchbox").fill(name)
    lines, links = page.locator(".requests > li"), page.locator(".requests a")
    newer, older = (page.get_by_role("button", name=way) for way in ("Newer", "Older"))
    seen: list[str] = []
    for count in (PAGE, PAGE, 1):
        await expect(lines).to_have_count(count)
        await expect(links.first).not_to_have_attribute("href", seen[-PAGE] if seen else "")
        seen += [str(await each.get_attribute("href")) for each in await links.all()]
        await (older.click() if count == PAGE else expect(older).to_be_disabled())
    assert len(set(seen)) == 2 * PAGE + 1
    await newer.click()
    await expect(links.first).to_have_attribute("href", seen[PAGE])
    await newer.click()
    await expect(links.first).to_have_attribute("href", seen[0])
    await expect(newer).to_be_disabled()


async def test_what_runs_is_followed_in_the_list(page: Page, origin: Origin, client: Client) -> None:
    """R27 R10"""
    origin.hold(after=2)
    accepted = await client.upload(origin.csv(3))
    request_id = accepted.body["request_id"]
    await page.goto("/#/requests")
    shown = page.locator(f"[data-request='{request_id}']")
    await expect(shown).to_contain_text("2 of 3 images")
    await expect(shown).to_contain_text("Running")
    origin.release()
    await expect(shown).to_contain_text("3 of 3 images")
    await expect(shown).to_contain_text("Done")


async def test_on_a_phone_the_state_leaves_the_name_and_the_counts_their_line(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27"""
    request_id = await ended(client, one_of_two_fails(origin))
    await page.set_viewport_size(SMALL_PHONE)
    await page.goto("/#/requests")
    shown = page.locator(f"[data-request='{request_id}']")
    await expect(shown).to_contain_text("Done, 1 failed")
    heights = {await shown.locator(part).evaluate(HEIGHT) for part in (".images", ".saved", ".when")}
    assert len(heights) == 1
    assert await shown.get_by_role("link").evaluate(LINES) == 1


async def test_on_a_tablet_a_request_takes_two_lines(page: Page, origin: Origin, client: Client) -> None:
    """R27"""
    request_id = await ended(client, one_of_two_fails(origin))
    await page.set_viewport_size(TABLET)
    await page.goto("/#/requests")
    shown = page.locator(f"[data-request='{request_id}']")
    await expect(shown).to_contain_text("Done, 1 failed")
    ends = [await shown.locator(part).evaluate(END) for part in (".name", ".pill", ".button")]
    (second,) = {await shown.locator(part).evaluate(TOP) for part in (".images", ".saved", ".when")}
    assert max(ends) <= second
    await expect(shown.locator(".when")).to_contain_text("ago")


async def test_what_is_deleted_where_it_is_shown_is_in_no_list_unless_that_is_taken_back(
    page: Page, origin: Origin, client: Client
) -> None:
    name, request_id = await sent(page, origin, client)
    await stop_the_clock(page)
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="Requests", exact=True)).to_be_visible()
    await expect(page.get_by_text(f"Will be deleted with all its pictures: “{name}”")).to_be_visible()
    await expect(page.get_by_role("button", name="Undo")).to_be_focused()
    await expect(page.locator(".requests")).to_be_visible()
    await expect(line(page, name)).to_be_hidden()
    await page.get_by_role("button", name="Undo").click()
    await expect(line(page, name)).to_be_visible()
    assert (await client.request(request_id))["state"] == "completed"


async def test_a_deletion_can_be_taken_back_for_a_while(page: Page, origin: Origin, client: Client) -> None:
    name, request_id = await sent(page, origin, client)
    await stop_the_clock(page)
    await page.goto("/#/requests")
    await line(page, name).get_by_role("button", name=f"Delete: {name}").press("Enter")
    await expect(line(page, name)).to_be_hidden()
    await expect(page.get_by_role("button", name="Undo")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(line(page, name)).to_be_visible()
    assert (await client.request(request_id))["state"] == "completed"
    await line(page, name).get_by_role("button", name=f"Delete: {name}").click()
    async with page.expect_response(f"**/v1/requests/{request_id}"):
        await page.clock.run_for(10_000)
    assert (await client.ask("GET", f"/v1/requests/{request_id}")).status == 404


async def test_that_the_longest_name_is_deleted_is_seen_on_a_small_phone(
    page: Page, origin: Origin, client: Client
) -> None:
    name, _ = await sent(page, origin, client, "a" * 200)
    await stop_the_clock(page)
    await page.set_viewport_size(SMALL_PHONE)
    await page.goto("/#/requests")
    await line(page, name).get_by_role("button", name=f"Delete: {name}").click()
    told = page.locator(".toast .name")
    await expect(told).to_contain_text("deleted with all its pictures")
    assert await told.evaluate(IS_SEEN, "deleted with all its pictures")


async def test_a_list_of_which_all_was_deleted_says_that_there_is_nothing(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27: it was blank until it was loaded again."""
    name, _ = await sent(page, origin, client)
    await stop_the_clock(page)
    await page.goto("/#/requests")
    await page.get_by_role("searchbox").fill(name)
    await page.clock.run_for(1_000)
    await expect(page.locator(".requests > li")).to_have_count(1)
    await line(page, name).get_by_role("button", name=f"Delete: {name}").click()
    await page.clock.run_for(10_000)
    await expect(page.get_by_text("No request matches")).to_be_visible()


async def test_lately_is_said_of_no_request_that_is_being_deleted_and_of_the_next_when_it_is_gone(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27: the heading stayed above nothing."""
    names = [(await sent(page, origin, client))[0] for _ in range(2)]

    async def of_mine(route: Route) -> None:
        answer = await route.fetch()
        page_of_all = await answer.json()
        mine = [each for each in page_of_all["items"] if each["filename"] in names]
        await route.fulfill(json={**page_of_all, "items": mine[:1]})

    await page.route("**/v1/requests?*", of_mine)
    await stop_the_clock(page)
    await page.goto("/")
    recent = page.get_by_role("heading", name="Recent")
    await expect(line(page, names[1])).to_be_visible()
    await line(page, names[1]).get_by_role("button", name="Delete").click()
    await expect(recent).to_be_hidden()
    await page.get_by_role("button", name="Undo").click()
    await expect(recent).to_be_visible()
    await line(page, names[1]).get_by_role("button", name="Delete").click()
    await expect(recent).to_be_hidden()
    await page.clock.run_for(10_000)
    await expect(line(page, names[0])).to_be_visible()
    await expect(recent).to_be_visible()


async def test_who_goes_back_to_what_is_being_deleted_is_led_away_when_it_is_gone(
    page: Page, origin: Origin, client: Client
) -> None:
    _, request_id = await sent(page, origin, client)
    await stop_the_clock(page)
    await page.goto(f"/#/requests/{request_id}")
    for _ in range(2):  # to ask twice is to ask once
        await page.get_by_role("button", name="Delete", exact=True).click()
        await expect(page.get_by_role("heading", name="Requests", exact=True)).to_be_visible()
        await page.go_back()
        await expect(page.locator(".ended")).to_be_visible()
    await expect(page.get_by_role("button", name="Undo")).to_have_count(1)
    await page.clock.run_for(10_000)
    await expect(page.get_by_role("heading", name="Requests", exact=True)).to_be_visible()
    assert (await client.ask("GET", f"/v1/requests/{request_id}")).status == 404


async def test_what_was_deleted_elsewhere_does_not_come_back(
    page: Page, origin: Origin, client: Client
) -> None:
    name, request_id = await sent(page, origin, client)
    await stop_the_clock(page)
    await page.goto("/#/requests")
    await line(page, name).get_by_role("button", name=f"Delete: {name}").click()
    assert (await client.ask("DELETE", f"/v1/requests/{request_id}")).status == 202
    async with page.expect_response(f"**/v1/requests/{request_id}") as answer:
        await page.clock.run_for(8_000)
    await (await answer.value).finished()
    await page.clock.run_for(1_000)
    await expect(page.locator(".toast")).to_have_count(0)
    await expect(line(page, name)).to_be_hidden()
