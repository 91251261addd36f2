"""R27: a file goes out: its bytes are counted, it can be stopped, and sent twice it is one request."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import CDPSession, Error, Page, Route, expect

from tests.browser.clock import stop_the_clock
from tests.browser.files import card, choose, choose_on_disk, csv_file, id_shown, paste
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.patience import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

SLOW_BYTES_PER_SECOND = 50_000  # a minute for what is stopped in the middle
LARGE_BYTES = 3_000_000
LAST_YEAR = 1_735_689_600
FORBIDDEN = """for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(window, name, { get: () => { throw new DOMException("no", "SecurityError"); } });
}"""
FULL = 'Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };'


def large(text: str) -> str:
    """The same rows, with one that is long enough to be seen on its way."""
    head, *rows = text.splitlines()
    return "\n".join([f"{head},Note", *(f"{row},{'n' * (LARGE_BYTES // 100)}" for row in rows)]) + "\n"


@asynccontextmanager
async def slow_network(page: Page) -> AsyncIterator[None]:
    tools = await page.context.new_cdp_session(page)
    plain = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    await tools.send("Network.enable")
    await tools.send("Network.emulateNetworkConditions", {**plain, "uploadThroughput": SLOW_BYTES_PER_SECOND})
    yield
    await tools.send("Network.emulateNetworkConditions", plain)
    await tools.detach()


async def test_an_upload_shows_its_bytes_and_can_be_stopped_and_sent_again(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27 R01"""
    name = f"large-{uuid.uuid4().hex}.csv"
    await page.goto("/")
    await choose(page, csv_file(large(origin.csv(100)), name))
    shown = card(page, name)
    async with slow_network(page):
        await shown.get_by_role("button", name="Send 100 images").click()
        await expect(shown.get_by_text("of 3 MB sent")).to_be_visible()
        await expect(shown.get_by_role("progressbar", name=name)).to_be_visible()
        await shown.get_by_role("button", name="Stop").click()
    await expect(shown.get_by_role("button", name="Send 100 images")).to_be_visible()
    assert await requests_named(client, name) == []
    await shown.get_by_role("button", name="Send 100 images").click()
    request_id = await id_shown(page)
    await is_the_only_one(client, request_id, name)


async def test_an_answer_that_is_lost_makes_no_second_request(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27 R01"""
    name = f"lost-{uuid.uuid4().hex}.csv"
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1), name))
    tools = await page.context.new_cdp_session(page)
    lost = await losing_answers(tools, 2)
    await page.get_by_role("button", name="Send 1 image").click()
    await expect(page.get_by_text("The server does not answer. It is tried again by itself.")).to_be_visible()
    request_id = await id_shown(page)
    assert len(lost) == 2
    await is_the_only_one(client, request_id, name)


@pytest.mark.parametrize(("stage", "most_seconds"), [("Request", 60), ("Response", 600)])
async def test_an_upload_whose_connection_died_in_silence_is_tried_again(
    page: Page, origin: Origin, client: Client, stage: str, most_seconds: int
) -> None:
    """R27 R05: on its way, or once all of it is out."""
    name = f"silent-{uuid.uuid4().hex}.csv"
    await stop_the_clock(page)
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1), name))
    tools = await page.context.new_cdp_session(page)
    held = asyncio.Event()
    tools.on("Fetch.requestPaused", lambda _: held.set())
    upload = {"urlPattern": "*/v1/requests", "resourceType": "XHR", "requestStage": stage}
    await tools.send("Fetch.enable", {"patterns": [upload]})
    await page.get_by_role("button", name="Send 1 image").click()
    await held.wait()
    delay = page.get_by_text("The server does not answer. It is tried again by itself.")
    await page.clock.fast_forward(1_000 * (most_seconds - 1))
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    assert not await delay.is_visible()
    await page.clock.fast_forward(2_000)
    await expect(delay).to_be_visible()
    await tools.send("Fetch.disable")
    await page.clock.resume()
    await is_the_only_one(client, await id_shown(page), name)


@pytest.mark.parametrize("call", ["validate", "requests"])
async def test_what_somebody_on_the_way_answers_is_asked_again_of_the_server(
    page: Page, origin: Origin, client: Client, call: str
) -> None:
    """R27: as a hotel's network does, until somebody logged in."""
    name = f"hotel-{uuid.uuid4().hex}.csv"
    await page.goto("/")
    login = {"status": 200, "content_type": "text/html", "body": "<title>Welcome, please log in</title>"}
    await page.route(f"**/v1/{call}", lambda route: route.fulfill(**login))
    await choose(page, csv_file(origin.csv(1), name))
    if call == "requests":
        await page.get_by_role("button", name="Send 1 image").click()
    await expect(page.get_by_text("The server does not answer. It is tried again by itself.")).to_be_visible()
    await page.unroute(f"**/v1/{call}")
    if call == "validate":
        await page.get_by_role("button", name="Send 1 image").click()
    await is_the_only_one(client, await id_shown(page), name)


async def test_who_has_a_key_that_only_sends_is_told_that_the_file_was_sent(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27 R20: it said that something went wrong."""
    name = f"only-sent-{uuid.uuid4().hex}.csv"

    async def sends_only(route: Route) -> None:
        if route.request.method == "POST":
            await route.continue_()
        else:
            await route.fulfill(status=403, json={"error": "This API key lacks the scope 'read'."})

    await page.route("**/v1/**", sends_only)
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1), name))
    await page.get_by_role("button", name="Send 1 image").click()
    await expect(page.get_by_role("heading", name="This key may not look at requests")).to_be_visible()
    await expect(page.get_by_text("What was sent with it is worked on all the same.")).to_be_visible()

    async def is_in_the_list() -> bool:
        return len(await requests_named(client, name)) == 1

    await until(is_in_the_list)


async def test_a_file_that_is_stopped_before_its_turn_and_sent_again_is_one_request(
    page: Page, origin: Origin, client: Client
) -> None:
    name = f"turn-{uuid.uuid4().hex}.csv"
    is_first_answered = asyncio.Event()

    async def late(route: Route) -> None:
        await is_first_answered.wait()
        await route.continue_()

    await page.route("**/v1/requests", late)
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1), "first.csv"), csv_file(origin.csv(2), name))
    shown = card(page, name)
    await card(page, "first.csv").get_by_role("button", name="Send 1 image").click()
    await shown.get_by_role("button", name="Send 2 images").click()
    await shown.get_by_role("button", name="Stop").click()
    await shown.get_by_role("button", name="Send 2 images").click()
    await choose(page, csv_file(origin.csv(3), "last.csv"))
    await card(page, "last.csv").get_by_role("button", name="Send 3 images").click()
    is_first_answered.set()
    for each in ("last.csv", name):  # whatever was to be sent before the last one is sent by then
        link = card(page, each).get_by_role("link", name="See how far it is")
        address = await link.get_attribute("href")
        assert address is not None
        await client.until_ended(address.rpartition("/")[2])
    assert len(await requests_named(client, name)) == 1


async def test_a_file_sent_again_after_a_reload_is_still_the_same_request(
    page: Page, origin: Origin, client: Client, tmp_path: Path
) -> None:
    file = tmp_path / f"again-{uuid.uuid4().hex}.csv"
    file.write_text(origin.csv(1))
    await page.goto("/")
    await choose_on_disk(page, file)
    tools = await page.context.new_cdp_session(page)
    await losing_answers(tools, 1_000)
    await page.get_by_role("button", name="Send 1 image").click()
    await expect(page.get_by_text("It is tried again by itself.")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    await page.reload()
    await tools.send("Fetch.disable")  # not sooner, or the try after it would be answered
    await choose_on_disk(page, file)
    await page.get_by_role("button", name="Send 1 image").click()
    request_id = await id_shown(page)
    await is_the_only_one(client, request_id, file.name)
    kept = "Object.keys(sessionStorage).filter((name) => name.startsWith('pixmill-sending')).length"
    assert await page.evaluate(kept) == 0


async def test_a_file_that_was_sent_before_is_known_and_sent_again_only_on_wish(
    page: Page, origin: Origin, client: Client, tmp_path: Path
) -> None:
    """R27 R01"""
    file = tmp_path / f"known-{uuid.uuid4().hex}.csv"
    file.write_text(origin.csv(1))
    await page.goto("/")
    await choose_on_disk(page, file)
    await page.get_by_role("button", name="Send 1 image").click()
    first = await id_shown(page)
    await client.until_ended(first)
    await page.goto("/#/")
    await choose_on_disk(page, file)
    shown = card(page, file.name)
    await expect(shown.get_by_text("This file was sent before")).to_be_visible()
    link = shown.get_by_role("link", name="See what became of it")
    await expect(link).to_have_attribute("href", f"#/requests/{first}")
    await shown.get_by_role("button", name="Send 1 image again").click()
    await page.wait_for_url(lambda url: "/requests/" in url and first not in url)
    second = await id_shown(page)
    await client.until_ended(second)
    assert set(await requests_named(client, file.name)) == {first, second}
    await client.ask("DELETE", f"/v1/requests/{second}")  # the browser remembers the latest, until it is gone
    await page.goto("/#/")
    await choose_on_disk(page, file)
    await expect(shown.get_by_role("button", name="Send 1 image", exact=True)).to_be_visible()
    await expect(shown.get_by_text("This file was sent before")).to_have_count(0)


async def test_a_file_that_was_chosen_twice_is_sent_once_unless_somebody_wishes_it(
    page: Page, origin: Origin, tmp_path: Path
) -> None:
    file = tmp_path / f"twice-{uuid.uuid4().hex}.csv"
    file.write_text(origin.csv(1))
    await page.goto("/")
    for times in (1, 2):
        await choose_on_disk(page, file)
        await expect(page.get_by_role("button", name="Send 1 image")).to_have_count(times)
    await page.get_by_role("button", name="Send all 2 files").click()
    first, second = card(page, file.name).first, card(page, file.name).last
    await expect(first.get_by_text("Sent", exact=True)).to_be_visible()
    await expect(second.get_by_text("This file was sent before")).to_be_visible()
    link = await first.get_by_role("link", name="See how far it is").get_attribute("href")
    assert link == await second.get_by_role("link", name="See what became of it").get_attribute("href")
    await second.get_by_role("button", name="Send 1 image again").click()
    again = second.get_by_role("link", name="See how far it is")
    await expect(again).to_be_visible()
    assert await again.get_attribute("href") != link


@pytest.mark.parametrize("refusal", [FORBIDDEN, FULL], ids=["forbidden", "full"])
async def test_a_file_is_sent_where_the_browser_keeps_nothing(
    page: Page, origin: Origin, client: Client, refusal: str
) -> None:
    name = f"unkept-{uuid.uuid4().hex}.csv"
    await page.add_init_script(refusal)
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1), name))
    await page.get_by_role("button", name="Send 1 image").click()
    await is_the_only_one(client, await id_shown(page), name)


async def test_a_file_that_was_changed_since_it_was_chosen_is_chosen_again(
    page: Page, origin: Origin, client: Client, tmp_path: Path
) -> None:
    """R27 R01"""
    file = tmp_path / f"changed-{uuid.uuid4().hex}.csv"
    file.write_text(origin.csv(1))
    os.utime(file, (LAST_YEAR, LAST_YEAR))  # browsers tell a change by whole seconds
    await page.goto("/")
    await choose_on_disk(page, file)
    await expect(page.get_by_role("button", name="Send 1 image")).to_be_visible()
    file.write_text(origin.csv(2))
    await page.get_by_role("button", name="Send 1 image").click()
    await expect(page.get_by_role("alert")).to_contain_text("it was moved or changed")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose another file").click()
    await (await chooser.value).set_files(file)
    await page.get_by_role("button", name="Send 2 images").click()
    await is_the_only_one(client, await id_shown(page), file.name)


async def test_pasted_rows_that_were_sent_before_are_known_too(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27 R01"""
    rows = origin.csv(1)  # of a host of its own, so nobody pasted them before
    await page.goto("/")
    await paste(page, rows)
    await page.get_by_role("button", name="Send 1 image").click()
    first = await id_shown(page)
    await client.until_ended(first)
    await page.goto("/#/")
    await paste(page, rows.replace("Product 1", "Product 2"))
    await paste(page, rows)
    shown = page.get_by_role("article")
    await expect(shown.get_by_role("button", name="Send 1 image", exact=True)).to_have_count(1)
    link = shown.nth(1).get_by_role("link", name="See what became of it")
    await expect(link).to_have_attribute("href", f"#/requests/{first}")
    await expect(shown.nth(1).get_by_role("button", name="Send 1 image again")).to_be_visible()


async def losing_answers(tools: CDPSession, count: int) -> list[str]:
    """The server gets the call and the page never its answer."""
    lost: list[str] = []

    async def at_answer(event: dict[str, Any]) -> None:
        told = {"requestId": event["requestId"]}
        with suppress(Error):  # a page that is loaded anew has taken its calls with it
            if len(lost) < count:
                lost.append(event["requestId"])
                await tools.send("Fetch.failRequest", {**told, "errorReason": "ConnectionReset"})
            else:
                await tools.send("Fetch.continueRequest", told)

    tools.on("Fetch.requestPaused", at_answer)
    uploads = {"urlPattern": "*/v1/requests", "resourceType": "XHR", "requestStage": "Response"}
    await tools.send("Fetch.enable", {"patterns": [uploads]})
    return lost


async def is_the_only_one(client: Client, request_id: str, name: str) -> None:
    """A request is in the list a moment after its upload was answered."""
    await client.until_ended(request_id)
    assert await requests_named(client, name) == [request_id]


async def requests_named(client: Client, name: str) -> list[str]:
    answer = await client.ask("GET", "/v1/requests?limit=200")
    return [each["request_id"] for each in answer.body["items"] if each["filename"] == name]
