"""Whether something of the event loop ended with an error of which nobody heard: the loop tells that as an
error, in the log of a service at any later time.
"""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def nothing_unheard() -> Iterator[None]:
    loop = asyncio.get_running_loop()
    told: list[str] = []

    def tell(_: asyncio.AbstractEventLoop, about: dict[str, Any]) -> None:
        told.append(f"{about['message']}: {about.get('exception')!r}")

    before = loop.get_exception_handler()
    loop.set_exception_handler(tell)
    try:
        yield
        gc.collect()
    finally:
        loop.set_exception_handler(before)
    assert not told, told
