"""The ingest service with a watchdog in its event loop. It tells how late the loop woke up by the wall clock,
and how long of that its thread was ready and got no core, because others had them.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp

import services.ingest.__main__ as service
from shared.serving import Side, serve
from shared.settings import ServiceSettings
from shared.web.server.draining import CallsUnderWay

NAP_SECONDS = 0.005
PATH = "/bench/late_ms"


def waited_for_a_core_ms() -> float:
    """How long this thread has waited for a core since it began."""
    _, waited_ns, _ = Path("/proc/thread-self/schedstat").read_text().split()
    return int(waited_ns) / 1_000_000


async def serve_watched(
    app: ASGIApp, calls: CallsUnderWay, settings: ServiceSettings, sides: Sequence[Side]
) -> None:
    if not isinstance(app, FastAPI):
        raise TypeError("traces are switched on")
    late_ms: list[tuple[float, float]] = []

    async def watch(stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            began, waited_ms = time.perf_counter(), waited_for_a_core_ms()
            await asyncio.sleep(NAP_SECONDS)
            late = time.perf_counter() - began - NAP_SECONDS
            late_ms.append((late * 1000, waited_for_a_core_ms() - waited_ms))

    async def late_since_last_asked() -> list[tuple[float, float]]:
        told = late_ms.copy()
        late_ms.clear()
        return told

    app.get(PATH)(late_since_last_asked)
    await serve(app, calls, settings, [*sides, watch])


if __name__ == "__main__":
    service.serve = serve_watched  # type: ignore[attr-defined]
    service.main()
