"""What an autoscaler asks for: the backlog, and how many processors it wants."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.status.images.backlog import Backlog
from shared.web.methods import READ
from shared.web.problems import unavailable


def backlog_routes(backlog: Backlog) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.api_route("/internal/backlog", methods=READ)
    async def read_backlog() -> JSONResponse:
        answer = backlog.latest()
        if answer is None:
            raise unavailable("The backlog is not known at the moment.")
        return JSONResponse(
            {
                "open_images": answer.open_images,
                "images_per_second_per_processor": answer.images_per_second_per_processor,
                "processors_wanted": answer.processors_wanted,
            }
        )

    return router
