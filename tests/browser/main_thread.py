"""What a page's main thread did, by the browser's own trace: the CPU time of each of its tasks, in which a
busy machine has no say.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Page

CATEGORIES = ("-*", "toplevel")
TASK, MAIN_THREAD = "ThreadControllerImpl::RunTask", "CrRendererMain"

Event = Mapping[str, Any]


@asynccontextmanager
async def traced(page: Page) -> AsyncIterator[list[float]]:
    """The milliseconds of each task, once the block has ended."""
    browser = page.context.browser
    assert browser is not None
    milliseconds: list[float] = []
    await browser.start_tracing(page=page, categories=list(CATEGORIES))
    yield milliseconds
    milliseconds += tasks(json.loads(await browser.stop_tracing())["traceEvents"])


def tasks(events: Sequence[Event]) -> Iterator[float]:
    mains = {place(event) for event in events if event.get("args", {}).get("name") == MAIN_THREAD}
    return (
        event["tdur"] / 1000
        for event in events
        if event["name"] == TASK and "tdur" in event and place(event) in mains
    )


def place(event: Event) -> tuple[int, int]:
    return event["pid"], event["tid"]
