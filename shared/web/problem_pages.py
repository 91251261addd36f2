"""The pages at the addresses of problem types: what one means, and what helps."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from shared.web.marked_text import marked
from shared.web.problem_kinds import KINDS, Kind
from shared.web.problems import PROBLEM_TYPES

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "public, max-age=3600",
}


def problem_routes() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(PROBLEM_TYPES)
    async def every_problem() -> HTMLResponse:
        listed = "".join(f'<li><a href="{PROBLEM_TYPES}{name}">{name}</a></li>' for name in KINDS)
        return _page("Problems", f"<p>What an error's <code>type</code> can be.</p><ul>{listed}</ul>")

    @router.get(PROBLEM_TYPES + "{name}")
    async def one_problem(name: str) -> HTMLResponse:
        if name not in KINDS:
            raise HTTPException(404)
        return _page(name, _told(KINDS[name]))

    return router


def _told(kind: Kind) -> str:
    return (
        f"<p>{marked(kind.meaning)}</p><h2>What to do</h2><p>{marked(kind.advice)}</p>"
        f'<p><a href="{PROBLEM_TYPES}">All problems</a></p>'
    )


def _page(title: str, body: str) -> HTMLResponse:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    html = f'<!doctype html><html lang="en"><head>{head}</head><body><h1>{title}</h1>{body}</body></html>'
    return HTMLResponse(html, headers=_HEADERS)
