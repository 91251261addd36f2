"""The ingest service, which ends itself as by `kill -9` in the gap of accepting that KILL_IN names."""

import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

import services.ingest.__main__ as service
from shared.broker_access import Security
from shared.consuming.handling import Outgoing
from shared.kafka import KafkaProducer, open_producer
from shared.store import Store, Writer, open_store

GAPS = (
    *("before source.csv", "inside source.csv", "before rows.ndjson", "before request.json"),
    *("before the ledger", "before publishing", "before the answer"),
)


def reach(gap: str) -> None:
    if gap == os.environ["KILL_IN"]:
        os.kill(os.getpid(), signal.SIGKILL)


class MortalStore:
    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def put(self, key: str, data: bytes) -> None:
        reach(f"before {key.rpartition('/')[2]}")
        await self._store.put(key, data)

    async def put_new(self, key: str, data: bytes) -> bool:
        reach("before the ledger")
        return await self._store.put_new(key, data)

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        name = key.rpartition("/")[2]
        reach(f"before {name}")
        async with self._store.writer(key) as writer:
            yield MortalWriter(writer, f"inside {name}")


class MortalWriter:
    def __init__(self, writer: Writer, gap: str) -> None:
        self._writer = writer
        self._gap = gap

    async def write(self, data: bytes) -> None:
        await self._writer.write(data)
        reach(self._gap)


class MortalProducer:
    def __init__(self, producer: KafkaProducer) -> None:
        self._producer = producer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._producer, name)

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        reach("before publishing")
        await self._producer.publish(messages)
        reach("before the answer")


def open_mortal_store(url: str, keys: Sequence[SecretStr]) -> MortalStore:
    return MortalStore(open_store(url, keys))


@asynccontextmanager
async def open_mortal_producer(
    bootstrap: str, client_id: str, security: Security
) -> AsyncIterator[MortalProducer]:
    async with open_producer(bootstrap, client_id, security) as producer:
        yield MortalProducer(producer)


if __name__ == "__main__":
    service.open_store = open_mortal_store  # type: ignore[assignment, attr-defined] # as a patch
    service.open_producer = open_mortal_producer  # type: ignore[assignment, attr-defined] # as a patch
    service.main()
