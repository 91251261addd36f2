"""The spans of OpenTelemetry around handlers and uploads. Only tracing.py beside it imports this
file, and only when traces are wanted. Spans carry ids and no addresses, texts or secrets.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.consuming.handling import E, HandleBatch, HandleEach, Incoming, Outgoing
from shared.contract.events import Event
from shared.contract.trace_context import HEADER

EXPORT_SECONDS = 5
UPLOAD_METHOD = "POST"
SERVER_ERROR = 500
_W3C = TraceContextTextMapPropagator()


@asynccontextmanager
async def open_spans(service: str, endpoint: str) -> AsyncIterator["Spans"]:
    """A collector that is away costs spans and nothing else."""
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
    provider = provider_of(service, BatchSpanProcessor(exporter))
    try:
        yield Spans(provider.get_tracer("pixmill"), service)
    finally:
        await asyncio.to_thread(provider.shutdown)


def provider_of(service: str, processor: SpanProcessor) -> TracerProvider:
    resource = Resource.create({"service.name": f"pixmill-{service}"})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(processor)
    return provider


@dataclass(frozen=True, slots=True)
class Spans:
    """The `Tracing` port."""

    tracer: Tracer
    service: str

    def each(self, handle: HandleEach[E]) -> HandleEach[E]:
        async def traced(message: Incoming[E]) -> Sequence[Outgoing]:
            with self._around([message]):
                return await handle(message)

        return traced

    def batch(self, handle_batch: HandleBatch[E]) -> HandleBatch[E]:
        async def traced(messages: Sequence[Incoming[E]]) -> Sequence[Outgoing]:
            with self._around(messages):
                return await handle_batch(messages)

        return traced

    def uploads(self, app: ASGIApp) -> ASGIApp:
        return TracedUploads(app, self.tracer)

    @contextmanager
    def _around(self, messages: Sequence[Incoming[Event]]) -> Iterator[None]:
        spans = [self._begin(message) for message in messages if message.traceparent]
        try:
            yield
        except BaseException as error:
            for span in spans:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            for span in spans:
                span.end()

    def _begin(self, message: Incoming[Event]) -> Span:
        event = message.event
        return self.tracer.start_span(
            f"{self.service} {event.TOPIC.value}",
            context=_W3C.extract({HEADER: message.traceparent or ""}, Context()),
            kind=SpanKind.CONSUMER,
            attributes={
                "messaging.system": "kafka",
                "messaging.destination.name": event.TOPIC.value,
                "messaging.message.id": str(message.id),
                "pixmill.request_id": str(event.request_id),
            },
        )


@dataclass(frozen=True, slots=True)
class TracedUploads:
    """Everything that an upload sets off is a child of its span: the header goes on as the span's."""

    app: ASGIApp
    tracer: Tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != UPLOAD_METHOD:
            await self.app(scope, receive, send)
            return
        span = self._begin(scope)

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                span.set_attribute("http.response.status_code", message["status"])
                if message["status"] >= SERVER_ERROR:
                    span.set_status(Status(StatusCode.ERROR))
            await send(message)

        try:
            scope["headers"] = _continued(scope, span)  # in place: outer middleware reads the same scope
            await self.app(scope, receive, noted)
        finally:
            span.end()

    def _begin(self, scope: Scope) -> Span:
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == HEADER.encode()]
        context = _W3C.extract({HEADER: given[0]}, Context()) if len(given) == 1 else Context()
        return self.tracer.start_span("ingest upload", context=context, kind=SpanKind.SERVER)


def _continued(scope: Scope, span: Span) -> list[tuple[bytes, bytes]]:
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, set_span_in_context(span, Context()))
    others = [(name, value) for name, value in scope["headers"] if name != HEADER.encode()]
    return [*others, (HEADER.encode(), carrier[HEADER].encode())]
