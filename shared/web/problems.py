"""RFC 9457 problem answers, with `error` as one plain sentence beside them, for every HTTP error there is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observing.logs import Action, log
from shared.outcomes import Away, Full
from shared.web.log import x_request_id

PROBLEM_MEDIA_TYPE = "application/problem+json"
PROBLEM_TYPES = "/problems/"  # of whoever was called: it leads to a page there
AWAY_RETRY_SECONDS = 5
FULL_RETRY_SECONDS = 30
Elsewhere = Callable[[str, str], str | None]
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 - the standard calls it a problem
    """An HTTP error answer; raise it anywhere below an endpoint."""

    status: int
    kind: str  # the last part of the type URI: invalid-csv
    title: str
    error: str  # one sentence
    _: KW_ONLY
    detail: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, x_request_id: str | None = None) -> Response:
        content = self.body(x_request_id)
        return JSONResponse(content, self.status, dict(self.headers), media_type=PROBLEM_MEDIA_TYPE)

    def body(self, x_request_id: str | None = None) -> dict[str, Any]:
        return {
            "type": PROBLEM_TYPES + self.kind,
            "title": self.title,
            "status": self.status,
            "detail": self.detail or self.error,
            "error": self.error,
            **self.extensions,
            **({} if x_request_id is None else {"x_request_id": x_request_id}),
        }


def unavailable(
    error: str, retry_after_seconds: int = AWAY_RETRY_SECONDS, kind: str = "unavailable"
) -> Problem:
    return Problem(503, kind, "Service Unavailable", error, headers={"Retry-After": str(retry_after_seconds)})


def too_many(error: str, retry_after_seconds: int, kind: str) -> Problem:
    """A refusal of one caller; `unavailable` refuses all."""
    return Problem(429, kind, "Too Many Requests", error, headers={"Retry-After": str(retry_after_seconds)})


def away(error: Away, advice: str = "try again in a moment") -> Problem:
    seconds = FULL_RETRY_SECONDS if isinstance(error, Full) else AWAY_RETRY_SECONDS
    return unavailable(f"{error.told}; {advice}.", seconds)


def invalid_request(error: str) -> Problem:
    return Problem(400, "invalid-request", "Invalid Request", error)


def internal() -> Problem:
    return Problem(500, "internal", "Internal Server Error", "Pixmill failed on this request.")


def request_not_found() -> Problem:
    return Problem(404, "not-found", "Not Found", "Request ID not found")


def _nowhere_else(_method: str, _path: str) -> None:
    return None


def install_problems(app: FastAPI, elsewhere: Elsewhere = _nowhere_else) -> None:
    """Makes every error of this app, also the framework's own, answer as a problem. `elsewhere` tells of a
    method and a path that nothing here serves whose they are.
    """

    async def answer(request: Request, error: Exception) -> Response:
        problem = _problem_of(error)
        if isinstance(error, HTTPException) and (hint := elsewhere(request.method, request.url.path)):
            problem.error = hint
        answer = problem.response(x_request_id(request))
        if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            answer.headers["Allow"] = ", ".join(_allowed_methods(request))
        return answer

    for kind in (Problem, Away, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer)
    app.add_middleware(_Bugs)


def _problem_of(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case Away():
            return away(error)
        case HTTPException(status_code=status):
            phrase = HTTPStatus(status).phrase
            kind = phrase.lower().replace(" ", "-")
            return Problem(status, kind, phrase, error.detail, headers=error.headers or {})
        case RequestValidationError():
            return invalid_request(_first_sentence(error.errors()))
        case _:
            return internal()


def _allowed_methods(request: Request) -> list[str]:
    """Those of every route with this path: the framework names only those of the first."""
    return [
        method for method in _METHODS if _is_served({**request.scope, "method": method}, request.app.routes)
    ]


def _is_served(scope: Scope, routes: Sequence[BaseRoute]) -> bool:
    return any(route.matches(scope)[0] is Match.FULL for route in routes)


@dataclass(slots=True)
class _Bugs:
    """Answers for an endpoint that failed, inside the log and CORS: its answer has their headers too."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noted_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, noted_send)
        except Exception as error:
            if started:
                raise  # the server breaks the connection off: nobody may take half an answer for a whole one
            log.error(Action.HTTP_FAILED, exc_info=error)
            answer = _problem_of(error).response(x_request_id(Request(scope)))
            await answer(scope, receive, send)


def _first_sentence(errors: Sequence[Any]) -> str:
    first = errors[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    # A pattern says nothing to most people; the only one is what Postgres takes as text.
    said = "it must hold no NUL" if first["type"] == "string_pattern_mismatch" else first["msg"]
    return f"{where}: {said}" if where else str(said)
