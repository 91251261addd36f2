"""Counts and times what a service answers over HTTP, by route and never by path."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observing.metrics import HTTP_REQUESTS, HTTP_SECONDS

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"
NO_ANSWER = "none"


class Measured:
    """An ASGI application around another. A stream is timed up to its head; its reader decides how long it
    lasts.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = NO_ANSWER
        began = answered = time.monotonic()

        async def noted(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = str(message["status"]), time.monotonic()
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = _route(scope)
            method = scope["method"] if scope["method"] in METHODS else "other"
            HTTP_REQUESTS.labels(method, route, status).inc()
            if status != NO_ANSWER:
                HTTP_SECONDS.labels(route).observe(answered - began)


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", NO_ROUTE)
