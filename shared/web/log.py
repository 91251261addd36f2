"""One log line for every HTTP answer, and the id by which caller, answer and log speak of the same call.

No secret can get into the line: it holds the caller's method and X-Request-Id, and never another header, a
query or a body. The path is written as its route's template, because whoever knows a file's key may read the
file.
"""

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import FastAPI, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from shared.observing.logs import Action, log
from shared.web.broken_off import BrokenOff

REQUEST_ID_HEADER = "X-Request-Id"
# Asked every few seconds, by machines.
QUIET_ROUTES = frozenset({"/livez", "/readyz", "/startedz", "/metrics"})
# Their 503 says that the service waits. For what, is a line of its own, once.
_WAITING_ROUTES = frozenset({"/readyz", "/startedz"})

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


def install_http_log(app: FastAPI) -> None:
    """Must be called last: what middleware that is added later answers is not logged and has no id."""
    app.add_middleware(HttpLog)


def x_request_id(request: Request) -> str | None:
    """The id of this call, where the app has an HttpLog."""
    known: str | None = getattr(request.state, "x_request_id", None)
    return known


def accepted_id(sent: str | None) -> str:
    """The caller's id if it can stand in a header, a log and a search; else a new one."""
    return sent if sent is not None and _SANE_ID.fullmatch(sent) else uuid.uuid4().hex


@dataclass(slots=True)
class _Call:
    """What is known of one call by the time it ends."""

    began: float
    status: int | None = None
    bytes_in: int = 0
    bytes_out: int = 0
    whole: bool = False  # the last byte of the answer was sent
    reason: str | None = None  # why we broke it off


@dataclass(slots=True)
class HttpLog:
    app: ASGIApp
    clock: Callable[[], float] = field(default=time.monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        call = _Call(self.clock())
        call_id = accepted_id(Headers(scope=scope).get(REQUEST_ID_HEADER))
        scope.setdefault("state", {})["x_request_id"] = call_id

        async def counted_receive() -> Message:
            message = await receive()
            call.bytes_in += len(message.get("body", b""))
            return message

        async def noted_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                call.status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = call_id
            await send(message)
            call.bytes_out += len(message.get("body", b""))
            call.whole = message["type"] == "http.response.body" and not message.get("more_body", False)

        with bound_contextvars(x_request_id=call_id):
            try:
                await self.app(scope, counted_receive, noted_send)
            except BrokenOff as broken:
                call.reason = str(broken)
                raise
            finally:
                self._log(scope, call)

    def _log(self, scope: Scope, call: _Call) -> None:
        route = getattr(scope.get("route"), "path", None)
        write = log.debug if route in QUIET_ROUTES else log.info
        waits = route in _WAITING_ROUTES and call.status == HTTPStatus.SERVICE_UNAVAILABLE
        failed = call.status is None or call.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        if (failed and not waits) or call.reason is not None:
            write = log.warning
        about = {
            "tenant": scope["state"].get("tenant"),
            "request_id": _request_id(scope),
            "reason": call.reason,
        }
        write(
            Action.HTTP_ANSWERED,
            method=scope["method"],
            route=route,
            status=call.status,
            duration_ms=round(1000 * (self.clock() - call.began), 1),
            bytes_in=call.bytes_in,
            bytes_out=call.bytes_out,
            whole=call.whole,
            **{name: value for name, value in about.items() if value is not None},
        )


def _request_id(scope: Scope) -> str | None:
    """The upload that the call is about; None for a text that is not a UUID."""
    named = scope.get("path_params", {}).get("request_id")
    try:
        return None if named is None else str(uuid.UUID(named))
    except ValueError:
        return None
