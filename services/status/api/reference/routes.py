"""GET /docs and the whole document, each made when it is first asked for.

Outside, the gateway shows the document as /openapi.json; at the service's own port that is its own part.
"""

from functools import cache
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from pydantic_core import from_json, to_json

from services.status.api.answers.packed import Packed, packed_answer
from services.status.api.reference.page import STYLE, reference_page
from services.status.api.reference.whole import whole_document
from shared.web.methods import READ
from shared.web.openapi.document import OwnDocument
from shared.web.openapi.schemas import Json

FOLDER = Path(__file__).parent
INGEST = FOLDER / "ingest.json"
"""Ingest's part, written by `python -m tests.writers.endpoints`: the services never ask each other."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}


def reference_routes(own: OwnDocument) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    style = Packed((FOLDER / "style.css").read_bytes(), "text/css; charset=utf-8")

    @cache
    def whole(app: FastAPI) -> Json:
        return whole_document(own.of(app), from_json(INGEST.read_bytes()))

    @cache
    def document(app: FastAPI) -> Packed:
        return Packed(to_json(whole(app)), "application/json")

    @cache
    def page(app: FastAPI) -> Packed:
        return Packed(reference_page(whole(app)).encode(), "text/html; charset=utf-8")

    @router.api_route("/openapi/whole.json", methods=READ)
    async def openapi(request: Request) -> Response:
        return packed_answer(request, document(request.app), _HEADERS)

    @router.api_route("/docs", methods=READ)
    async def docs(request: Request) -> Response:
        return packed_answer(request, page(request.app), _HEADERS)

    @router.api_route(STYLE, methods=READ)
    async def docs_style(request: Request) -> Response:
        return packed_answer(request, style, _HEADERS)

    return router
