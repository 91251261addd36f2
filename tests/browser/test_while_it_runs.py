"""R27: a request that runs is followed by itself, whatever happens to the page meanwhile."""

import re
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from playwright.async_api import BrowserContext, Locator, Page, Route, expect

from tests.browser.clock import stop_the_clock
from tests.browser.ended import one_of_two_fails
from tests.browser.files import choose, csv_file, id_shown
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.patience import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

IMAGES = 8
ICON = "document.querySelector('link[rel=icon]').href"
# What somebody hears who does not see the page.
LISTEN = """() => {
    globalThis.heard = [];
    const note = (changes) => heard.push(changes[0].target.textContent);
    const region = document.querySelector("body > p[role=status]");
    new MutationObserver(note).observe(region, { childList: true });
}"""


async def send(page: Page, origin: Origin, products: int = IMAGES) -> str:
    await page.goto("/")
    await choose(page, csv_file(origin.csv(products), "spring.csv"))
    await page.get_by_role("button", name="Send").click()
    await page.mouse.move(0, 0)  # pictures under it would stay as they are
    return await id_shown(page)


async def expect_percent(page: Page, percent: int) -> None:
    bar = page.get_by_role("progressbar", name="Progress")
    await expect(bar).to_have_attribute("aria-valuenow", str(percent))


async def expect_done(page: Page) -> None:
    await expect(page.locator(".ended")).to_contain_text("All 8 images are done.")


async def test_progress_counts_and_the_tab_follow_the_run(page: Page, origin: Origin) -> None:
    """R27 R11"""
    origin.hold(after=IMAGES // 2)
    await send(page, origin)
    await expect_percent(page, 50)
    await expect(page.get_by_text("4 of 8 images")).to_be_visible()
    await expect(page.get_by_text("50 %")).to_be_visible()
    await expect(page).to_have_title("50 % · spring.csv · Pixmill")
    await until(lambda: page.evaluate(f"{ICON}.startsWith('blob:')"))
    origin.release()
    await expect_done(page)
    await expect(page).to_have_title("Done · spring.csv · Pixmill")
    await until(lambda: page.evaluate(f"{ICON}.endsWith('/page/icon.svg')"))


async def test_how_fast_it_goes_and_how_long_it_takes_is_said_while_it_is_known(
    window: BrowserContext, page: Page, origin: Origin
) -> None:
    async def takes_longer(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**await answer.json(), "eta_seconds": 7_200})

    await page.clock.install()
    origin.hold()
    request_id = await send(page, origin)
    facts = page.locator(".facts-line")
    await expect(facts).to_have_text("how long it takes is not known yet")
    origin.hold(after=4)
    await expect_percent(page, 50)
    await page.clock.run_for(2_000)
    await expect(facts).to_contain_text(re.compile(r"images? a second · .+ saved a second"))
    await page.route(f"**/v1/requests/{request_id}", takes_longer)  # no image ends, so no event tells
    await page.clock.run_for(30_000)
    await expect(facts).to_have_text("about 2 hours left")
    await window.set_offline(True)
    await expect(page.get_by_text("The connection is lost.")).to_be_visible()
    await expect(facts).to_have_text("")
    await window.set_offline(False)
    await page.clock.run_for(30_000)
    await expect(facts).to_have_text("about 2 hours left")
    origin.release()
    await expect_done(page)


async def test_how_many_failed_so_far_stays_said_while_the_connection_is_lost(
    window: BrowserContext, page: Page, origin: Origin
) -> None:
    origin.show = lambda _: web.Response(status=404)
    origin.hold(after=2)
    await send(page, origin)
    facts = page.locator(".facts-line")
    await expect(facts).to_contain_text("2 images failed so far · ")
    await window.set_offline(True)
    await expect(page.get_by_text("The connection is lost.")).to_be_visible()
    await expect(facts).to_have_text("2 images failed so far")
    await window.set_offline(False)
    await expect(facts).to_contain_text("2 images failed so far · ")


async def test_a_host_that_turns_away_is_named_while_nothing_else_comes(
    page: Page, origin: Origin, client: Client
) -> None:
    async def waits() -> bool:
        answer = await client.ask("GET", f"/v1/requests/{request_id}/images?state=planned&limit=1")
        return any(image["last_code"] for image in answer.body.get("items", ()))

    await page.clock.install()
    origin.show = lambda _: web.Response(status=429, headers={"Retry-After": "3600"})
    request_id = await send(page, origin)
    await until(waits)
    await page.clock.run_for(30_000)
    told = page.get_by_role("main").get_by_text("Nothing new for a while")
    await expect(told).to_contain_text(f"at {urlsplit(origin.base).netloc} ended in http_429.")
    async with page.expect_response("**/cancel"):
        await page.get_by_role("button", name="Stop it").click()
    await expect(page.locator(".ended")).to_contain_text("were not begun.")
    await expect(told).to_have_count(0)


async def test_a_reload_and_a_second_tab_go_on(window: BrowserContext, page: Page, origin: Origin) -> None:
    origin.hold(after=2)
    await send(page, origin)
    await expect_percent(page, 25)
    second = await window.new_page()
    await second.goto(page.url)
    await expect_percent(second, 25)
    await page.reload()
    await expect_percent(page, 25)
    origin.release()
    for each in (page, second):
        await expect_done(each)


async def test_a_lost_connection_is_told_and_mended_by_itself(
    window: BrowserContext, page: Page, origin: Origin, client: Client
) -> None:
    """R27 R05"""
    origin.hold(after=2)
    request_id = await send(page, origin)
    await expect_percent(page, 25)
    await window.set_offline(True)
    await expect(page.get_by_text("The connection is lost.")).to_be_visible()
    origin.release()
    await client.until_ended(request_id)
    await expect(page.locator(".ended")).to_have_count(0)
    await window.set_offline(False)
    await expect_done(page)
    await expect(page.locator(".banner")).to_be_hidden()


async def test_a_stream_that_has_gone_silent_is_opened_anew(page: Page, origin: Origin) -> None:
    """As after a laptop's sleep: the connection looks alive, and nothing comes."""
    await page.clock.install()
    origin.hold(after=2)
    request_id = await send(page, origin)
    await expect_percent(page, 25)
    async with page.expect_request(f"**/v1/requests/{request_id}/events"):
        await page.clock.fast_forward("01:00")
        await page.clock.fast_forward("01:00")
    origin.release()
    await expect_done(page)


async def test_some_of_what_is_done_is_shown_while_the_rest_is_made(page: Page, origin: Origin) -> None:
    """R27"""
    origin.hold(after=IMAGES - 1)
    await send(page, origin)
    done = page.locator(".latest button.tile")
    await expect(done).to_have_count(6)
    await expect_percent(page, 87)
    await done.last.hover()
    await done.last.click()
    await expect(page.get_by_role("dialog").get_by_role("img", name="After")).to_be_visible()
    await page.keyboard.press("Escape")
    origin.release()
    await expect_done(page)
    await expect(page.locator(".latest")).to_have_count(0)


async def test_what_is_done_is_shown_anew_once_no_hand_is_on_it(page: Page, origin: Origin) -> None:
    origin.hold(after=2)
    await send(page, origin)
    done = page.locator(".latest button.tile")
    await expect(done).to_have_count(2)
    await done.first.hover()
    origin.hold(after=IMAGES - 3)
    await expect_percent(page, 87)
    async with page.expect_response("**/images?*"):  # what no event asks for any more
        await page.mouse.move(0, 0)
    await expect(done).to_have_count(6)
    origin.release()
    await expect_done(page)


async def test_what_is_done_stays_while_one_of_it_is_looked_at(page: Page, origin: Origin) -> None:
    """Its dialog goes on from it to those beside it, and gives the focus back to it."""
    await page.clock.install()
    origin.hold(after=2)
    await send(page, origin)
    done = page.locator(".latest button.tile")
    await expect(done).to_have_count(2)
    await done.first.press("Enter")
    origin.hold(after=IMAGES - 3)
    await expect_percent(page, 87)
    await page.clock.run_for(10_000)
    await page.get_by_role("dialog").get_by_role("button", name="The next one").click()
    await expect(page.get_by_role("button", name="The next one")).to_be_disabled()
    await page.keyboard.press("Escape")
    await expect(done.first).to_be_focused()
    await expect(done).to_have_count(2)
    origin.release()
    await expect_done(page)


async def test_a_picture_that_is_looked_at_when_all_is_done_gives_the_focus_to_the_page(
    page: Page, origin: Origin
) -> None:
    origin.hold(after=2)
    await send(page, origin)
    await page.locator(".latest button.tile").first.press("Enter")
    origin.release()
    await expect_done(page)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.locator("main")).to_be_focused()


async def test_what_one_tab_stops_the_other_sees_stopped(
    window: BrowserContext, page: Page, origin: Origin
) -> None:
    origin.hold(after=2)
    await send(page, origin)
    await expect_percent(page, 25)
    second = await window.new_page()
    await second.goto(page.url)
    async with second.expect_response("**/cancel"):  # else all may be done before
        await second.get_by_role("button", name="Stop it").click()
    origin.release()
    for each in (page, second):
        await expect(each.locator(".ended")).to_contain_text("were not begun.")
        await expect(each.locator("h1 + .pill")).to_have_text("Cancelled")


async def test_what_was_stopped_is_told_as_that_and_goes_on_when_somebody_wishes_it(
    page: Page, origin: Origin
) -> None:
    """R27"""
    origin.hold(after=2)
    await send(page, origin)
    await expect_percent(page, 25)
    await page.evaluate(LISTEN)
    async with page.expect_response("**/cancel"):  # else all may be done before
        await page.get_by_role("button", name="Stop it").click()
    origin.release()
    await expect(page.locator(".ended")).to_contain_text("were not begun.")
    await until(lambda: page.evaluate("heard.some((told) => told.startsWith('spring.csv was stopped. '))"))
    await page.get_by_role("button", name="Go on with it").click()
    await expect_done(page)
    await expect(page.locator("h1 + .pill")).to_have_text("Done")
    await expect(page.get_by_role("button", name="Go on with it")).to_have_count(0)


async def stopped(page: Page, origin: Origin) -> tuple[str, Locator]:
    """A request that was stopped before its first image, and the button that goes on with it."""
    origin.hold()
    request_id = await send(page, origin)
    await page.get_by_role("button", name="Stop it").click()
    go_on = page.get_by_role("button", name="Go on with it")
    await expect(go_on).to_be_visible()
    return request_id, go_on


async def test_who_would_go_on_with_what_another_tab_went_on_with_or_deleted_sees_what_became_of_it(
    window: BrowserContext, page: Page, origin: Origin, client: Client
) -> None:
    request_id, go_on = await stopped(page, origin)
    second = await window.new_page()
    await second.goto(page.url)
    await expect(second.get_by_role("button", name="Go on with it")).to_be_visible()
    origin.release()
    await client.ask_once("POST", f"/v1/requests/{request_id}/retry")
    await client.until_ended(request_id)
    await go_on.click()
    await expect(page.locator("h1 + .pill")).to_have_text("Done")
    await expect(go_on).to_have_count(0)
    await client.ask_once("DELETE", f"/v1/requests/{request_id}")
    await second.get_by_role("button", name="Go on with it").click()
    await expect(second.get_by_role("heading", name="There is nothing here")).to_be_visible()


async def test_a_tab_that_comes_to_the_front_again_shows_what_became_of_its_request_meanwhile(
    page: Page, origin: Origin, client: Client
) -> None:
    request_id, go_on = await stopped(page, origin)
    origin.release()
    await client.ask_once("POST", f"/v1/requests/{request_id}/retry")
    await client.until_ended(request_id)
    came_to_the_front = "document.dispatchEvent(new Event('visibilitychange'))"
    await page.evaluate(came_to_the_front)
    await expect(page.locator("h1 + .pill")).to_have_text("Done")
    await expect(go_on).to_have_count(0)
    await client.ask_once("DELETE", f"/v1/requests/{request_id}")
    await page.evaluate(came_to_the_front)
    await expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


async def test_it_is_stopped_on_wish(page: Page, origin: Origin, client: Client) -> None:
    origin.hold(after=2)
    request_id = await send(page, origin)
    await expect_percent(page, 25)
    running = await client.request(request_id)

    async def is_heard(route: Route) -> None:
        """What is stopped may have ended before that is seen: the server is asked afterwards."""
        await route.fulfill(status=202, json={**running, "state": "cancelling"})

    await page.route("**/cancel", is_heard)
    await page.get_by_role("button", name="Stop it").click()
    await expect(page.locator("h1 + .pill")).to_have_text("Stopping")
    assert (await client.ask("POST", f"/v1/requests/{request_id}/cancel")).status == 202
    origin.release()
    await expect(page.locator(".ended")).to_contain_text("images were not begun.")
    assert (await client.request(request_id))["state"] == "cancelled"


async def test_a_stop_that_nobody_heard_is_to_be_asked_for_again(page: Page, origin: Origin) -> None:
    origin.hold(after=2)
    await send(page, origin)
    await page.route("**/cancel", lambda route: route.abort())
    await stop_the_clock(page)
    await page.get_by_role("button", name="Stop it").click()
    await expect(page.locator(".toast")).to_contain_text("ask for it again")
    await page.unroute("**/cancel")
    await page.clock.resume()
    async with page.expect_response("**/cancel"):  # else all may be done before
        await page.get_by_role("button", name="Stop it").click()
    origin.release()
    await expect(page.locator(".ended")).to_contain_text("images were not begun.")


async def test_who_listens_hears_a_few_sentences(page: Page, origin: Origin) -> None:
    origin.hold(after=2)
    await send(page, origin)
    await expect_percent(page, 25)
    await page.evaluate(LISTEN)
    origin.release()
    await expect_done(page)
    end = "heard.some((sentence) => sentence.startsWith('spring.csv is done'))"
    await until(lambda: page.evaluate(end))
    heard: list[str] = await page.evaluate("heard")
    progress = [sentence for sentence in heard if "percent" in sentence]
    assert set(progress) <= {"50 percent done", "75 percent done"}
    assert len(progress) == len(set(progress))


async def test_who_listens_hears_at_the_end_how_many_failed(page: Page, origin: Origin) -> None:
    origin.hold()
    await page.goto("/")
    await choose(page, csv_file(one_of_two_fails(origin)))
    await page.get_by_role("button", name="Send 2 images").click()
    await expect_percent(page, 0)
    await page.evaluate(LISTEN)
    origin.release()
    sentence = "products.csv is done. 1 of 2 images is done. 1 image failed."
    await until(lambda: page.evaluate("(sentence) => heard.includes(sentence)", sentence))


async def test_a_message_tells_the_end_to_who_wished_it_and_looks_elsewhere(
    window: BrowserContext, page: Page, origin: Origin
) -> None:
    await window.grant_permissions(["notifications"])
    await page.add_init_script(
        """globalThis.told = [];
        globalThis.Notification = class {
            static permission = "granted";
            static requestPermission = async () => "granted";
            constructor(title, { body }) { told.push([title, body]); }
        };
        Object.defineProperty(document, "visibilityState", { get: () => "hidden" });"""
    )
    origin.hold(after=2)
    await send(page, origin)
    await page.get_by_role("button", name="Tell me when it is done").click()
    await expect(page.get_by_role("button", name="You will be told")).to_be_visible()
    origin.release()
    await until(lambda: page.evaluate("told.length > 0"))
    assert await page.evaluate("told") == [["spring.csv is done", "All 8 images are done."]]


@pytest.mark.parametrize("permission", ["default", "granted"])
async def test_a_browser_that_makes_no_message_hides_no_end(
    page: Page, origin: Origin, permission: str
) -> None:
    await page.add_init_script(
        """globalThis.Notification = class {
            static permission = "PERMISSION";
            static requestPermission = async () => "granted";
            constructor() { throw new TypeError("Illegal constructor"); }
        };
        Object.defineProperty(document, "visibilityState", { get: () => "hidden" });""".replace(
            "PERMISSION", permission
        )
    )
    origin.hold(after=2)
    await send(page, origin)
    await stop_the_clock(page)
    await page.get_by_role("button", name="Tell me when it is done").click()
    if permission == "default":
        await expect(page.get_by_text("Your browser does not allow messages")).to_be_visible()
    else:
        await expect(page.get_by_role("button", name="You will be told")).to_be_visible()
    await page.clock.resume()
    origin.release()
    await expect_done(page)


async def test_how_long_ago_it_was_started_is_told_anew_while_it_is_looked_at(
    page: Page, origin: Origin
) -> None:
    """R27"""
    origin.hold(after=0)
    await send(page, origin)
    await stop_the_clock(page)
    await page.reload()
    began = page.locator("header time")
    await expect(began).to_contain_text("Started")
    await page.clock.fast_forward("03:00:00")
    await expect(began).to_have_text("Started 3 hours ago")
    origin.release()


async def test_one_that_is_stopped_before_it_is_recorded_is_stopped_as_soon_as_it_is(
    page: Page, origin: Origin
) -> None:
    """R27: the page said so, and the request went on."""
    origin.hold()
    await send(page, origin)
    asked = 0

    async def not_yet(route: Route) -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            await route.continue_()
        else:
            await route.fulfill(status=409, headers={"Retry-After": "1"}, json={"error": "Not recorded yet."})

    await page.route("**/cancel", not_yet)
    await page.get_by_role("button", name="Stop it").click()
    await expect(page.get_by_role("button", name="Go on with it")).to_be_visible()
    assert asked == 2
    origin.release()
