"""What the OpenAPI documents of the services have in common: how an answer, a refusal and a schema are
written down, and where the document is found. Each service lists its own operations in its api_document.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from shared.web.api_keys import Scope
from shared.web.auth import forbidden, unauthorized
from shared.web.problems import PROBLEM_MEDIA_TYPE, Problem, internal
from shared.web.quotas import Exceeded, Quota
from shared.web.rate_limiting import too_many

Json = dict[str, Any]

EXAMPLE_ID = "01930000-0000-7000-8000-000000000001"
EXAMPLE_CALL_ID = "4e196dfc95f54d53ad64214ec34f0823"

TEXT: Json = {"type": "string"}
FLAG: Json = {"type": "boolean"}
COUNT: Json = {"type": "integer", "minimum": 0}
NUMBER: Json = {"type": "number"}
UUID_TEXT: Json = {"type": "string", "format": "uuid"}
URL: Json = {"type": "string", "format": "uri"}
TIME: Json = {"type": "string", "format": "date-time"}


def document_routes(content: Json) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    async def openapi() -> JSONResponse:
        return JSONResponse(content)

    return router


def members(**properties: Json) -> Json:
    """An object that always has these members; others may come with time."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def listed(items: Json) -> Json:
    return {"type": "array", "items": items}


def one_of(values: Sequence[str]) -> Json:
    return {"type": "string", "enum": list(values)}


def or_null(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def page_of(item: Json) -> Json:
    return members(items=listed(item), next=or_null(TEXT))


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def answer(
    description: str,
    schema: Json,
    example: object,
    media_type: str = "application/json",
    headers: Mapping[str, Json] | None = None,
) -> Json:
    content = {media_type: {"schema": schema, "example": example}}
    return {"description": description, "headers": _headers(headers or {}), "content": content}


def refused(*problems: Problem) -> dict[str, Json]:
    """The answers by status, each kind of problem as an example that its own constructor made."""
    by_status: dict[str, list[Problem]] = {}
    for problem in problems:
        by_status.setdefault(str(problem.status), []).append(problem)
    return {status: _refusal(alike) for status, alike in sorted(by_status.items())}


def keyed(scope: Scope) -> tuple[Problem, ...]:
    """How a path that needs a key may refuse anybody."""
    return (unauthorized(), forbidden(scope), too_many(Exceeded(Quota("requests", 3_000), 1)), internal())


def parameter(name: str, place: str, schema: Json, description: str, example: object = None) -> Json:
    shown = {} if example is None else {"example": example}
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "schema": schema, "description": description, **required, **shown}


def document(
    title: str,
    description: str,
    paths: Mapping[str, Json],
    schemas: Mapping[str, Json],
    *,
    asks_for_keys: bool,
) -> Json:
    """The whole document. Where keys are asked for, every operation needs one that does not say otherwise."""
    keys: Json = {
        "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "Bearer": {"type": "http", "scheme": "bearer"},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1", "description": description},
        "paths": dict(paths),
        "components": {
            "schemas": {"Problem": _PROBLEM, **schemas},
            **({"securitySchemes": keys} if asks_for_keys else {}),
        },
        "security": [{name: []} for name in keys] if asks_for_keys else [],
    }


_PROBLEM = members(type=URL, title=TEXT, status=COUNT, detail=TEXT, error=TEXT, x_request_id=TEXT) | {
    "description": "RFC 9457, with `error`, one sentence, and the call's X-Request-Id beside it."
}


def _refusal(problems: Sequence[Problem]) -> Json:
    examples: dict[str, Json] = {}
    for problem in problems:
        name = problem.kind if problem.kind not in examples else f"{problem.kind}-{len(examples) + 1}"
        examples[name] = {"summary": problem.error, "value": problem.body(EXAMPLE_CALL_ID)}
    always = set.intersection(*(set(problem.headers) for problem in problems))
    headers = {name: {"schema": TEXT, "example": problems[0].headers[name]} for name in sorted(always)}
    content = {PROBLEM_MEDIA_TYPE: {"schema": ref("Problem"), "examples": examples}}
    return {"description": problems[0].title, "headers": _headers(headers), "content": content}


def _headers(own: Mapping[str, Json]) -> Json:
    """Those of this answer, which are always there, beside those of every answer."""
    call_id = {
        "schema": TEXT,
        "example": EXAMPLE_CALL_ID,
        "description": "Yours or, if you sent none, ours.",
    }
    standing = {
        "schema": TEXT,
        "example": '"requests";r=2999;t=1',
        "description": "What is left of each.",
    }
    policy = {"schema": TEXT, "example": '"requests";q=3000;w=60', "description": "Your quotas."}
    return {
        **{name: {"required": True, **header} for name, header in own.items()},
        "X-Request-Id": {"required": True, **call_id},
        "RateLimit": standing,
        "RateLimit-Policy": policy,
    }
