"""Counts what our clients ask the broker for: few requests with much in each are cheap for both sides. It
changes no request and no answer; whoever fetches may hear what came of it, and keep the next one waiting.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, Protocol

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.produce import ProduceRequest

from shared.observing.metrics import BROKER_REQUESTS

Send = Callable[..., Awaitable[Any]]


class RequestKind(StrEnum):
    PRODUCE = "produce"
    FETCH_WITH_RECORDS = "fetch_with_records"
    FETCH_EMPTY = "fetch_empty"


class Fetching(Protocol):
    """Who fetches, as it is heard of here."""

    async def before(self) -> None:
        """Returns when the next fetch may be sent."""

    def after(self, *, has_records: bool) -> None: ...


def count_requests(client: AIOKafkaClient, fetching: Fetching | None = None) -> None:
    """From now on, of this client."""
    client.send = _counting(client.send, fetching)


def _counting(send: Send, fetching: Fetching | None) -> Send:
    async def counted(node_id: int, request: Any, **options: Any) -> Any:
        if fetching is not None and isinstance(request, FetchRequest):
            await fetching.before()
        answer = await send(node_id, request, **options)
        kind = _kind_of(request, answer)
        if kind is None:
            return answer
        BROKER_REQUESTS.labels(kind.value).inc()
        if fetching is not None and kind is not RequestKind.PRODUCE:
            fetching.after(has_records=kind is RequestKind.FETCH_WITH_RECORDS)
        return answer

    return counted


def _kind_of(request: Any, answer: Any) -> RequestKind | None:
    """None for what is rare, or is no work: metadata, heartbeats, commits."""
    if isinstance(request, ProduceRequest):
        return RequestKind.PRODUCE
    if not isinstance(request, FetchRequest):
        return None
    has_records = any(records for _, partitions in answer.topics for *_, records in partitions)
    return RequestKind.FETCH_WITH_RECORDS if has_records else RequestKind.FETCH_EMPTY
