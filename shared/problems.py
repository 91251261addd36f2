"""RFC 9457 problem answers, with `error` as one plain sentence beside them, for every HTTP error there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shared.handling import Away

PROBLEM_TYPES = "https://pixmill.example/problems/"
AWAY_RETRY_SECONDS = 5


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 - the standard calls it a problem
    """An HTTP error answer; raise it anywhere below an endpoint."""

    status: int
    kind: str  # the last part of the type URI: invalid-csv
    title: str
    error: str  # one sentence
    detail: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> JSONResponse:
        body = {
            "type": PROBLEM_TYPES + self.kind,
            "title": self.title,
            "status": self.status,
            "detail": self.detail or self.error,
            "error": self.error,
            **self.extensions,
        }
        return JSONResponse(body, self.status, dict(self.headers), media_type="application/problem+json")


def unavailable(
    error: str, retry_after_seconds: int = AWAY_RETRY_SECONDS, kind: str = "unavailable"
) -> Problem:
    return Problem(503, kind, "Service Unavailable", error, headers={"Retry-After": str(retry_after_seconds)})


def request_not_found() -> Problem:
    return Problem(404, "not-found", "Not Found", "Request ID not found")


def install_problems(app: FastAPI) -> None:
    """Makes every error of this app, also the framework's own, answer as a problem."""

    async def problem(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)  # noqa: S101 - registered for this type only
        return error.response()

    async def away(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Away)  # noqa: S101 - registered for this type only
        return unavailable(f"The {error.dependency} is not reachable at the moment.").response()

    async def http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
        phrase = HTTPStatus(error.status_code).phrase
        kind = phrase.lower().replace(" ", "-")
        return Problem(error.status_code, kind, phrase, error.detail, headers=error.headers or {}).response()

    async def validation(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
        return Problem(400, "invalid-request", "Invalid Request", _first_sentence(error.errors())).response()

    async def bug(_: Request, __: Exception) -> JSONResponse:
        return Problem(500, "internal", "Internal Server Error", "Pixmill failed on this request.").response()

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(Away, away)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(Exception, bug)


def _first_sentence(errors: Sequence[Any]) -> str:
    first = errors[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
