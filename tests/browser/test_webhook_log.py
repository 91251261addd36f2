"""R27 R17: the log of a webhook: what a receiver answered is text, and it is sent again from there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from tests.browser.ended import open_ended
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.patience import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

MARKUP = "<img src=x onerror=document.title='run'><b>no</b>"
TRIES = 3  # of the stack's schedule
# What was told at the foot of the window, from where it goes by itself after some seconds.
NOTE_TOASTS = """() => {
    globalThis.told = [];
    const added = (changes) => changes.flatMap(({ addedNodes }) => [...addedNodes]);
    const note = (changes) => told.push(...added(changes).map(({ textContent }) => textContent));
    new MutationObserver(note).observe(document.querySelector(".toasts"), { childList: true });
}"""


@dataclass
class Receiver:
    status: int = 500
    asked: int = 0
    url: str = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Receiver"]:
        app = web.Application()
        app.router.add_post("/hook", self._answer)
        async with TestServer(app) as server:
            self.url = str(server.make_url("/hook"))
            yield self

    async def _answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(status=self.status, text=MARKUP, content_type="text/html")


async def given_up(page: Page, origin: Origin, client: Client, receiver: Receiver) -> None:
    await open_ended(page, client, origin.csv(1), webhook_url=receiver.url)
    await expect(page.locator(".deliveries").get_by_text("Given up", exact=True)).to_be_visible()
    assert receiver.asked == TRIES


async def test_markup_in_the_answer_of_a_receiver_is_text(page: Page, origin: Origin, client: Client) -> None:
    """R20"""
    async with Receiver().open() as receiver:
        await given_up(page, origin, client, receiver)
    answers = page.locator(".deliveries tbody tr")
    await expect(answers).to_have_count(TRIES)
    for row in await answers.all():
        await expect(row).to_contain_text("500")
        await expect(row.locator(".excerpt")).to_have_text(MARKUP)
    await expect(page.locator(".deliveries :is(img, b)")).to_have_count(0)
    await expect(page).to_have_title("Done · products.csv · Pixmill")


async def test_what_was_given_up_is_sent_again_from_the_log(
    page: Page, origin: Origin, client: Client
) -> None:
    async with Receiver().open() as receiver:
        await given_up(page, origin, client, receiver)
        receiver.status = 200
        await page.evaluate(NOTE_TOASTS)
        await page.get_by_role("button", name="Send it again").click()
        await until(lambda: page.evaluate("told.includes('It is sent again')"))
        webhook = page.locator(".deliveries")
        await expect(webhook.get_by_text("Delivered", exact=True)).to_be_visible()
    await expect(webhook.locator("tbody tr")).to_have_count(TRIES + 1)
    await expect(webhook.locator("tbody tr").last).to_contain_text("200")
    await expect(webhook.get_by_role("button", name="Send it again")).to_have_count(0)
