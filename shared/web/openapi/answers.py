"""What a route says of itself: its answers with examples, and refusals, each made by its own constructor."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.web.api_keys import Scope
from shared.web.auth import forbidden, unauthorized
from shared.web.openapi.schemas import ADDRESS, COUNT, TEXT, Json, members, ref
from shared.web.problems import PROBLEM_MEDIA_TYPE, Problem, internal
from shared.web.quotas import Exceeded, Quota
from shared.web.rate_limiting import rate_limited

EXAMPLE_ID = "01930000-0000-7000-8000-000000000001"
EXAMPLE_CALL_ID = "4e196dfc95f54d53ad64214ec34f0823"

PROBLEM = members(type=ADDRESS, title=TEXT, status=COUNT, detail=TEXT, error=TEXT, x_request_id=TEXT) | {
    "description": "RFC 9457, with `error`, one sentence, and the call's X-Request-Id beside it."
}


def operation(name: str, summary: str, answers: Mapping[str, Json], *problems: Problem) -> dict[str, Any]:
    """For the route that it describes: `@router.get(path, **operation(...))`."""
    return {"operation_id": name, "summary": summary, "responses": {**answers, **refused(*problems)}}


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
    return (unauthorized(), forbidden(scope), rate_limited(Exceeded(Quota("requests", 3_000), 1)), internal())


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
