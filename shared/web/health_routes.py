"""/livez, /readyz and /metrics, without a key."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.observing.health import Health
from shared.observing.metrics import REGISTRY


def health_routes(health: Health) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> JSONResponse:
        stalls = health.stalls()
        return JSONResponse({"alive": not stalls, "stalls": stalls}, 503 if stalls else 200)

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        reasons = health.reasons()
        told = {"ready": not reasons, "reasons": reasons, "held": health.held()}
        return JSONResponse(told, 503 if reasons else 200)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router
