"""R21: spans around handlers and uploads, in the trace that came with them; none where none are wanted."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.types import Message, Receive, Scope, Send

from shared.consuming.handling import Incoming, Outgoing
from shared.contract.codes import http_code
from shared.contract.events import ImageDone, ImageOutcome, Topic
from shared.tracing.spans import Spans, provider_of
from shared.tracing.tracing import NoTracing, open_tracing

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
CANARY = "https://user:secret@shop.example/a.jpg?token=secret"


def a_message(headers: dict[str, str]) -> Incoming[ImageDone]:
    event = ImageDone(
        request_id=uuid4(), image_id=uuid4(), ordinal=0, run=1, attempt=1,
        outcome=ImageOutcome.FAILED, code=http_code(404), detail=CANARY,
    )  # fmt: skip
    return Incoming(
        event=event,
        time=datetime.now(UTC),
        value=b"",
        headers=headers,
        topic=Topic.IMAGE_DONE,
    )


@pytest.fixture
def seen() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def spans(seen: InMemorySpanExporter) -> Spans:
    return Spans(provider_of("status", SimpleSpanProcessor(seen)).get_tracer("test"), "status")


async def nothing(_: Any) -> Sequence[Outgoing]:
    return ()


async def test_a_message_is_handled_in_a_span_of_the_trace_that_it_carries(
    spans: Spans, seen: InMemorySpanExporter
) -> None:
    await spans.each(nothing)(a_message({"traceparent": TRACEPARENT}))
    (span,) = seen.get_finished_spans()
    assert span.name == "status image.done"
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == TRACE
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == PARENT
    assert "secret" not in span.to_json()


async def test_each_message_of_a_batch_has_its_own_span_and_one_without_a_trace_none(
    spans: Spans, seen: InMemorySpanExporter
) -> None:
    traced = a_message({"traceparent": TRACEPARENT})
    await spans.batch(nothing)([traced, traced, a_message({})])
    assert len(seen.get_finished_spans()) == 2


async def test_a_handler_that_fails_marks_its_span_without_the_text(
    spans: Spans, seen: InMemorySpanExporter
) -> None:
    async def fails(_: Any) -> Sequence[Outgoing]:
        raise ValueError(CANARY)

    with pytest.raises(ValueError, match="secret"):
        await spans.each(fails)(a_message({"traceparent": TRACEPARENT}))
    (span,) = seen.get_finished_spans()
    assert span.status.description == "ValueError"
    assert "secret" not in span.to_json()


@pytest.mark.parametrize("given", [[], [TRACEPARENT], [TRACEPARENT, TRACEPARENT], ["nonsense"]])
async def test_what_an_upload_sets_off_is_a_child_of_its_span(
    spans: Spans, seen: InMemorySpanExporter, given: list[str]
) -> None:
    handed_on: list[str] = []

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        handed_on.extend(value.decode() for name, value in scope["headers"] if name == b"traceparent")
        await send({"type": "http.response.start", "status": 202})

    async def send(_: Message) -> None: ...

    headers = [(b"traceparent", text.encode()) for text in given]
    scope = {"type": "http", "method": "POST", "headers": headers}
    await spans.uploads(app)(scope, None, send)  # type: ignore[arg-type] # nothing is received
    (span,) = seen.get_finished_spans()
    assert span.context is not None
    (traceparent,) = handed_on
    assert traceparent.startswith(f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-")
    assert (f"{span.context.trace_id:032x}" == TRACE) == (given == [TRACEPARENT])


async def test_without_an_endpoint_handlers_stay_as_they_are() -> None:
    async with open_tracing("status", None) as tracing:
        assert isinstance(tracing, NoTracing)
        assert tracing.each(nothing) is nothing


def test_a_service_without_it_does_not_even_import_it() -> None:
    loaded = "any(name.startswith(('opentelemetry.sdk', 'shared.tracing.spans')) for name in sys.modules)"
    check = f"import sys, services.processor.__main__; sys.exit({loaded})"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


async def test_without_the_extra_the_setting_is_wrong_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "shared.tracing.spans", None)
    with pytest.raises(SystemExit) as ended:
        async with open_tracing("status", "http://127.0.0.1:1"):
            pass
    assert ended.value.code == 78
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("wrong setting OTEL_EXPORTER_OTLP_ENDPOINT: ")
