"""R27: 100,000 pictures: however many were seen, few pages are in the document, drawn one at a time."""

import logging

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from deploy.local.own_stack import OwnStack
from tests.browser.large_requests import many_images
from tests.browser.main_thread import traced
from tests.browser.slowness import slowness
from tests.worlds.patience import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

log = logging.getLogger(__name__)

IMAGES = 100_000
PAGE, MOST_PAGES = 60, 5  # of the gallery
MOST_NODES = 4_000
SEEN_PAGES = 30
MOST_MILLISECONDS = 100  # of CPU, in one task, on a machine as quick as the promise's
# What was drawn in one go, and by the browser's own entries what was asked for.
WATCH = """() => {
    globalThis.drawn = [];
    const tiles = (nodes) => [...nodes].flatMap((node) => [...(node.querySelectorAll?.(".tile") ?? [])]);
    const watch = (changes) => {
        const count = changes.flatMap(({ addedNodes }) => tiles(addedNodes)).length;
        if (count > 0) drawn.push(count);
    };
    new MutationObserver(watch).observe(document, { childList: true, subtree: true });
    performance.setResourceTimingBufferSize(100_000);
}"""
ASKED = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('/images?')).length"

DOWN = "scrollTo(0, document.documentElement.scrollHeight); drawn.length"
UP = "scrollTo(0, 0); document.querySelector('.tile').textContent.startsWith('Image 1:')"
OPEN = "document.querySelector('.tile').click()"
IS_OPEN = "document.querySelector('dialog img').naturalWidth > 0"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def large(stack: OwnStack, address: str) -> str:
    """Where a request of so many pictures is shown."""
    dsn = stack.endpoints["postgres_dsn"]
    return f"/#/requests/{await many_images(dsn, IMAGES, f'{address}/page/icon.svg')}"


async def at_the_end(page: Page) -> bool:
    """Goes where the known part of the list ends."""
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last: str = await page.locator("button.tile").last.inner_text()
    number = int(last.split("Image ")[1].split(":", maxsplit=1)[0])
    return number >= SEEN_PAGES * PAGE


async def test_of_100_000_pictures_a_few_hundred_are_in_the_page(page: Page, large: str) -> None:
    """R27 R29"""
    await page.add_init_script(f"({WATCH})()")
    await page.goto(large)
    await expect(page.get_by_text("All 100,000 images are done.")).to_be_visible()
    tiles = page.locator("button.tile")
    await expect(tiles.first).to_be_visible()
    await until(lambda: at_the_end(page))
    await until(lambda: page.evaluate(f"{ASKED} === drawn.length"))  # what it asked for last is drawn too
    seen = await page.evaluate("drawn")
    assert await tiles.count() <= MOST_PAGES * PAGE
    assert await page.evaluate("document.querySelectorAll('*').length") < MOST_NODES
    assert max(seen) <= PAGE
    assert sum(seen) >= SEEN_PAGES * PAGE
    await page.evaluate("scrollTo(0, 0)")
    await expect(page.get_by_role("button", name="Image 1:")).to_be_visible()
    assert await tiles.count() <= MOST_PAGES * PAGE
    await tiles.first.click()
    await expect(page.get_by_role("dialog").get_by_role("heading", name="0.jpg")).to_be_visible()


async def test_no_task_takes_long_however_far_somebody_scrolls(page: Page, large: str) -> None:
    """R27: asked by the plainest of calls, whose own tasks are short."""
    tools = await page.context.new_cdp_session(page)

    async def told(expression: str) -> object:
        answer = await tools.send("Runtime.evaluate", {"expression": expression, "returnByValue": True})
        value: object = answer["result"].get("value")
        return value

    async def has_seen_enough() -> bool:
        drawn = await told(DOWN)
        return isinstance(drawn, int) and drawn >= SEEN_PAGES

    await page.add_init_script(f"({WATCH})()")
    slower = slowness()
    async with traced(page) as milliseconds:
        await page.goto(large)
        await until(has_seen_enough)
        await until(lambda: told(UP))
        await told(OPEN)
        await until(lambda: told(IS_OPEN))
    slower = max(slower, slowness())
    longest = sorted(map(round, milliseconds))[-10:]
    log.info("the longest tasks in ms of CPU: %s, on a machine %.1f times slower", longest, slower)
    assert len(milliseconds) > SEEN_PAGES
    assert max(milliseconds) < MOST_MILLISECONDS * slower
