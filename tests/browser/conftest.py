"""One stack and one browser for all tests of the page; each test has a window and a shop of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from deploy.local.own_stack import OwnStack, own_stack
from services.notifier.listen import LocalReceiver
from tests.browser.chromium import PATIENCE_MILLISECONDS, chromium
from tests.system.client import Client
from tests.system.origin import WAITS_FOR_WHAT_IS_HELD, Origin

expect.set_options(timeout=PATIENCE_MILLISECONDS)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStack]:
    folder = tmp_path_factory.mktemp("stack")
    with own_stack(folder, WEBHOOK_SCHEDULE="0,1,1", **WAITS_FOR_WHAT_IS_HELD) as running:
        yield running


@pytest.fixture(scope="session")
def address(stack: OwnStack) -> str:
    url: str = stack.endpoints["url"]
    return url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser, address: str) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(base_url=address, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(window: BrowserContext) -> AsyncIterator[Page]:
    """Fails the test when the page threw, or was refused something by its policy."""
    page = await window.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: _note(complaints, message.type, message.text))
    yield page
    assert complaints == []


def _note(complaints: list[str], kind: str, text: str) -> None:
    # What a test takes away from the page on purpose is no complaint.
    if kind == "error" and "Failed to load resource" not in text:
        complaints.append(text)


@pytest_asyncio.fixture(loop_scope="session")
async def origin() -> AsyncIterator[Origin]:
    async with Origin().open() as host:
        yield host


@pytest_asyncio.fixture(loop_scope="session")
async def client(stack: OwnStack) -> AsyncIterator[Client]:
    async with Client(stack).open() as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def receiver(client: Client) -> AsyncIterator[LocalReceiver]:
    async with LocalReceiver(await client.webhook_secret()).open() as receiver:
        yield receiver
