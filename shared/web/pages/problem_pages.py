"""The pages at the addresses of problem types: what one means, who can mend it, and what helps."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from shared.web.methods import READ
from shared.web.pages.help_page import HEADERS, explained, listed
from shared.web.pages.problem_kinds import KINDS
from shared.web.problems import PROBLEM_TYPES


def problem_routes() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.api_route(PROBLEM_TYPES, methods=READ)
    async def every_problem() -> HTMLResponse:
        meanings = {name: kind.meaning for name, kind in KINDS.items()}
        page = listed("Problems", "What an error's `type` can be.", PROBLEM_TYPES, meanings)
        return HTMLResponse(page, headers=HEADERS)

    @router.api_route(PROBLEM_TYPES + "{name}", methods=READ)
    async def one_problem(name: str) -> HTMLResponse:
        if name not in KINDS:
            raise HTTPException(404)
        kind = KINDS[name]
        sections = {"": kind.meaning, "Who can mend it": kind.mender, "What to do": kind.advice}
        return HTMLResponse(explained(name, sections, (PROBLEM_TYPES, "All problems")), headers=HEADERS)

    return router
