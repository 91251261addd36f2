"""What a handler is: what it receives and what it returns. Besides it may raise one of shared/outcomes.py. It
knows no broker.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from shared.contract import trace_context
from shared.contract.events import Event, Topic

E = TypeVar("E", bound=Event)
E_co = TypeVar("E_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming(Generic[E_co]):
    """One decoded message."""

    event: E_co
    time: datetime  # ce_time: when the fact became true
    value: bytes  # exactly as it was on the topic
    headers: Mapping[str, str] = field(default_factory=dict)
    topic: Topic | None = None
    partition: int = 0
    offset: int = 0

    @property
    def id(self) -> UUID:
        """The same for every repeat."""
        return self.event.event_id()

    @property
    def traceparent(self) -> str | None:
        """The trace it belongs to; None for a malformed header, because the text becomes a header again."""
        given = self.headers.get(trace_context.HEADER)
        return given if given is not None and trace_context.is_traceparent(given) else None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish. Topic, key, type and id follow from the event."""

    event: Event
    time: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    rendered: bytes | None = None  # the value, where it was rendered before and must not change

    @property
    def value(self) -> bytes:
        return self.event.value() if self.rendered is None else self.rendered


HandleEach = Callable[[Incoming[E]], Awaitable[Sequence[Outgoing]]]
HandleBatch = Callable[[Sequence[Incoming[E]]], Awaitable[Sequence[Outgoing]]]
ReportDead = HandleEach[E]  # what a reader publishes about a message that it put aside as dead
