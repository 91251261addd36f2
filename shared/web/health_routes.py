"""/livez, /readyz, /startedz and /metrics, without a key. Whether the process is ready is a metric too."""

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.observing.disk_headroom import DISKS
from shared.observing.health import Health
from shared.observing.metrics import REGISTRY, UNREADY
from shared.web.methods import READ
from shared.web.problems import install_problems
from shared.web.server.draining import install_draining


def health_app(health: Health) -> FastAPI:
    """The app of a service that has no API: these routes and no other."""
    app = FastAPI(openapi_url=None)
    app.include_router(health_routes(health))
    install_problems(app)
    install_draining(app)
    return app


def health_routes(health: Health) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    UNREADY.set_function(lambda: bool(health.reasons()))

    @router.api_route("/livez", methods=READ)
    async def livez() -> JSONResponse:
        stalls = health.stalls()
        return JSONResponse({"alive": not stalls, "stalls": stalls}, 503 if stalls else 200)

    @router.api_route("/readyz", methods=READ)
    async def readyz() -> JSONResponse:
        reasons = health.reasons()
        told = {"ready": not reasons, "reasons": reasons, "held": health.held()}
        return JSONResponse(told, 503 if reasons else 200)

    @router.api_route("/startedz", methods=READ)
    async def startedz() -> JSONResponse:
        """Whether calls may come: it is alive, and has had everything it needs at least once."""
        started = health.has_been_ready() and not health.stalls()
        return JSONResponse({"started": started, "reasons": health.reasons()}, 200 if started else 503)

    @router.api_route("/metrics", methods=READ)
    async def metrics() -> Response:
        await DISKS.look()
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router
