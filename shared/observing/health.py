"""Whether a service is alive and ready, and why not; and the routes /livez, /readyz and /metrics."""

import time
from collections.abc import Callable

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.observing.metrics import REGISTRY


class Health:
    """Collects the reasons for which a service is not ready, and the stalls for which it is not alive."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reasons: dict[str, str] = {}
        self._stalls: dict[str, Callable[[], str | None]] = {}

    def unready(self, part: str, reason: str) -> None:
        self._reasons[part] = reason

    def ready(self, part: str) -> None:
        self._reasons.pop(part, None)

    def watch(self, part: str, stall: Callable[[], str | None]) -> None:
        """Registers a check that returns why the part no longer makes progress, or None while it does."""
        self._stalls[part] = stall

    def reasons(self) -> dict[str, str]:
        return dict(self._reasons)

    def stalls(self) -> dict[str, str]:
        return {part: reason for part, stall in self._stalls.items() if (reason := stall()) is not None}


def health_routes(health: Health) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> JSONResponse:
        stalls = health.stalls()
        return JSONResponse({"alive": not stalls, "stalls": stalls}, 503 if stalls else 200)

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        reasons = health.reasons()
        return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router
