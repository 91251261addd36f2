"""R27: 100,000 pictures: however many were seen, few pages are in the document, drawn one at a time."""

import logging

import pytest
from playwright.async_api import Page, expect

from deploy.local.own_stack import OwnStack
from tests.browser.large_requests import many_images
from tests.worlds.patience import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

log = logging.getLogger(__name__)

IMAGES = 100_000
PAGE, MOST_PAGES = 60, 5  # of the gallery
MOST_NODES = 4_000
SEEN_PAGES = 30
# By the browser's own entries: what was drawn in one go, what was asked for, and which tasks were long.
WATCH = """() => {
    globalThis.drawn = [];
    const tiles = (nodes) => [...nodes].flatMap((node) => [...(node.querySelectorAll?.(".tile") ?? [])]);
    const watch = (changes) => {
        const count = changes.flatMap(({ addedNodes }) => tiles(addedNodes)).length;
        if (count > 0) drawn.push(count);
    };
    new MutationObserver(watch).observe(document, { childList: true, subtree: true });
    globalThis.longTasks = [];
    const note = (list) => longTasks.push(...list.getEntries().map(({ duration }) => duration));
    new PerformanceObserver(note).observe({ type: "longtask", buffered: true });
    performance.setResourceTimingBufferSize(100_000);
}"""
ASKED = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('/images?')).length"


async def at_the_end(page: Page) -> bool:
    """Goes where the known part of the list ends."""
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last: str = await page.locator("button.tile").last.inner_text()
    number = int(last.split("Image ")[1].split(":", maxsplit=1)[0])
    return number >= SEEN_PAGES * PAGE


async def test_of_100_000_pictures_a_few_hundred_are_in_the_page(
    page: Page, stack: OwnStack, address: str
) -> None:
    """R27 R29"""
    dsn = stack.endpoints["postgres_dsn"]
    request_id = await many_images(dsn, IMAGES, f"{address}/page/icon.svg")
    await page.add_init_script(f"({WATCH})()")
    await page.goto(f"/#/requests/{request_id}")
    await expect(page.get_by_text("All 100,000 images are done.")).to_be_visible()
    tiles = page.locator("button.tile")
    await expect(tiles.first).to_be_visible()
    await until(lambda: at_the_end(page))
    seen = await page.evaluate("drawn")
    assert await tiles.count() <= MOST_PAGES * PAGE
    assert await page.evaluate("document.querySelectorAll('*').length") < MOST_NODES
    assert max(seen) <= PAGE
    assert sum(seen) >= SEEN_PAGES * PAGE
    assert await page.evaluate(ASKED) == len(seen)
    await page.evaluate("scrollTo(0, 0)")
    await expect(page.get_by_role("button", name="Image 1:")).to_be_visible()
    assert await tiles.count() <= MOST_PAGES * PAGE
    await tiles.first.click()
    await expect(page.get_by_role("dialog").get_by_role("heading", name="0.jpg")).to_be_visible()
    long_tasks: list[float] = await page.evaluate("longTasks")
    log.info("long tasks in ms: %s", sorted(map(round, long_tasks)))
