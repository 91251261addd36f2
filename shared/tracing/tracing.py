"""Traces, if OTEL_EXPORTER_OTLP_ENDPOINT names a collector: a span for each upload and each message, in the
trace that came with it. Without one, OpenTelemetry is not even imported.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from starlette.types import ASGIApp

from shared.consuming.handling import E, HandleBatch, HandleEach
from shared.settings import exit_for


class Tracing(Protocol):
    """What a composition root puts around its handlers."""

    def each(self, handle: HandleEach[E]) -> HandleEach[E]: ...

    def batch(self, handle_batch: HandleBatch[E]) -> HandleBatch[E]: ...

    def uploads(self, app: ASGIApp) -> ASGIApp: ...


class NoTracing:
    """Leaves everything as it is."""

    def each(self, handle: HandleEach[E]) -> HandleEach[E]:
        return handle

    def batch(self, handle_batch: HandleBatch[E]) -> HandleBatch[E]:
        return handle_batch

    def uploads(self, app: ASGIApp) -> ASGIApp:
        return app


@asynccontextmanager
async def open_tracing(service: str, endpoint: str | None) -> AsyncIterator[Tracing]:
    if endpoint is None:
        yield NoTracing()
        return
    try:
        from shared.tracing.spans import open_spans  # noqa: PLC0415 - an extra that most installations do without
    except ImportError as error:
        exit_for("OTEL_EXPORTER_OTLP_ENDPOINT", f"the extra `tracing` is not installed ({error})")
    async with open_spans(service, endpoint) as spans:
        yield spans
