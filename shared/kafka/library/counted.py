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

    def after(self, records_bytes: int) -> None:
        """So much came with it."""


def count_requests(client: AIOKafkaClient, fetching: Fetching | None = None) -> None:
    """From now on, of this client."""
    client.send = _counting(client.send, fetching)


def _counting(send: Send, fetching: Fetching | None) -> Send:
    async def counted(node_id: int, request: Any, **options: Any) -> Any:
        if fetching is not None and isinstance(request, FetchRequest):
            await fetching.before()
        answer = await send(node_id, request, **options)
        if isinstance(request, ProduceRequest):
            BROKER_REQUESTS.labels(RequestKind.PRODUCE.value).inc()
        elif isinstance(request, FetchRequest):
            records_bytes = _records_bytes(answer)
            kind = RequestKind.FETCH_WITH_RECORDS if records_bytes else RequestKind.FETCH_EMPTY
            BROKER_REQUESTS.labels(kind.value).inc()
            if fetching is not None:
                fetching.after(records_bytes)
        return answer  # all else is rare, or is no work: metadata, heartbeats, commits

    return counted


def _records_bytes(answer: Any) -> int:
    return sum(len(records or b"") for _, partitions in answer.topics for *_, records in partitions)
