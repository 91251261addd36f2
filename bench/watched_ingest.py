"""The ingest service with a watchdog in its event loop, which tells how late it woke up, and how much of that
the process itself was computing: on a busy machine the rest is the others'.
"""

import asyncio
import time
from collections.abc import Sequence

from fastapi import FastAPI
from starlette.types import ASGIApp

import services.ingest.__main__ as service
from shared.serving import Job, serve
from shared.settings import ServiceSettings

NAP_SECONDS = 0.005
PATH = "/bench/late_ms"


async def serve_watched(app: ASGIApp, settings: ServiceSettings, jobs: Sequence[Job]) -> None:
    if not isinstance(app, FastAPI):
        raise TypeError("traces are switched on")
    late_ms: list[tuple[float, float]] = []

    async def watch(stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            began, computed = time.perf_counter(), time.process_time()
            await asyncio.sleep(NAP_SECONDS)
            late = time.perf_counter() - began - NAP_SECONDS
            late_ms.append((late * 1000, min(late, time.process_time() - computed) * 1000))

    async def late_since_last_asked() -> list[tuple[float, float]]:
        told = late_ms.copy()
        late_ms.clear()
        return told

    app.get(PATH)(late_since_last_asked)
    await serve(app, settings, [*jobs, watch])


if __name__ == "__main__":
    service.serve = serve_watched  # type: ignore[attr-defined]
    service.main()
