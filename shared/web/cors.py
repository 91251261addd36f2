"""Which web pages of other origins may call a service: those that CORS_ORIGINS names, none by default."""

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from pydantic import AfterValidator

from shared.settings import CommaSeparated

_ORIGIN = re.compile(r"\*|https?://(?:\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::[0-9]{1,5})?")
_SENT = (
    "Authorization",
    "X-API-Key",
    "Idempotency-Key",
    "X-Request-Id",
    "If-None-Match",
    "Range",
    "If-Range",
    "Last-Event-ID",
    "traceparent",
)
_SEEN = (
    "Location",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-Id",
    "ETag",
    "Content-Range",
    "Content-Disposition",
)


def _require_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin!r} is no origin like https://shop.example (lower case, no path)")
    return origins


Origins = Annotated[CommaSeparated, AfterValidator(_require_origins)]


def allow_origins(app: FastAPI, origins: Sequence[str]) -> None:
    """Keys travel in headers of their own and never in cookies, so no credentials are allowed."""
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=list(_SENT),
            expose_headers=list(_SEEN),
        )
