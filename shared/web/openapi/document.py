"""GET /openapi.json: what FastAPI reads off the routes, and word for word what they say of their answers."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic_core import to_json

from shared.web.methods import READ
from shared.web.openapi.answers import PROBLEM
from shared.web.openapi.schemas import Json

_KEYS: Json = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDocument:
    """What one service says of itself. Where keys are asked for, every operation needs one that does not say
    otherwise.
    """

    schemas: Mapping[str, Json]
    asks_for_keys: bool

    def of(self, app: FastAPI) -> Json:
        components: Json = {"schemas": {"Problem": PROBLEM, **self.schemas}}
        security: list[Json] = []
        if self.asks_for_keys:
            components["securitySchemes"] = _KEYS
            security = [{name: []} for name in _KEYS]
        return {**_described(app), "components": components, "security": security}


def document_routes(own: OwnDocument) -> APIRouter:
    """Describes the app that takes them in, when it is first asked for."""
    router = APIRouter(include_in_schema=False)

    @cache
    def document(app: FastAPI) -> bytes:
        return to_json(own.of(app))

    @router.api_route("/openapi.json", methods=READ)
    async def openapi(request: Request) -> Response:
        return Response(document(request.app), media_type="application/json")

    return router


def _described(app: FastAPI) -> Json:
    with warnings.catch_warnings():
        # GET and HEAD of one route have one name (FastAPI's issue 13175); HEAD is left out below.
        warnings.filterwarnings("ignore", "Duplicate Operation ID")
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            operations = document["paths"][route.path_format]
            operations.pop("head", None)
            for method in (route.methods or set()) - {"HEAD"}:
                _complete(operations[method.lower()], route.responses)
    return document


def _complete(operation: Json, responses: Mapping[str, Json]) -> None:
    # Word for word: FastAPI drops each null of an example (its issue 5559) and adds a 422 of its own.
    operation["responses"] = responses
    if "parameters" in operation:
        operation["parameters"] = [_plain(parameter) for parameter in operation["parameters"]]


def _plain(parameter: Json) -> Json:
    """Without what FastAPI only repeats: the name as a title, the description again, `required: false`."""
    said = {name: value for name, value in parameter.items() if value is not False}
    schema = {name: value for name, value in said["schema"].items() if name not in {"title", "description"}}
    return said | {"schema": schema}
