"""Dead letters go back in portions: each publication has seconds, and there may be any number of letters."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from shared.broker_access import NO_SECURITY
from shared.consuming.broker import NewRecord, Partition, Record
from shared.contract.events import Topic
from shared.kafka import letters
from shared.kafka.letters import PORTION_BYTES, PORTION_LETTERS, DeadLetters


async def portions_of(monkeypatch: pytest.MonkeyPatch, values: Sequence[bytes]) -> list[list[bytes | None]]:
    portions: list[list[bytes | None]] = []

    class Producer:
        async def publish_records(self, records: Sequence[NewRecord]) -> None:
            portions.append([record.value for record in records])

    @asynccontextmanager
    async def opened(*_: object) -> AsyncIterator[Producer]:
        yield Producer()

    monkeypatch.setattr(letters, "open_producer", opened)
    where = Topic.IMAGE_REQUESTED
    lying = [letter(where, offset, value) for offset, value in enumerate(values)]
    await DeadLetters("127.0.0.1:1", where, NO_SECURITY).redrive(lying)
    return portions


def letter(topic: Topic, offset: int, value: bytes) -> Record:
    return Record(
        partition=Partition(topic.dead_letters, 0),
        offset=offset,
        key=b"key",
        value=value,
        headers=(),
        timestamp_ms=0,
    )


async def test_many_letters_go_back_in_portions_and_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [b"%d" % number for number in range(2 * PORTION_LETTERS + 1)]
    portions = await portions_of(monkeypatch, values)
    assert [len(portion) for portion in portions] == [PORTION_LETTERS, PORTION_LETTERS, 1]
    assert [value for portion in portions for value in portion] == values


async def test_large_letters_go_back_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    half, whole = bytes(PORTION_BYTES // 2), bytes(PORTION_BYTES)
    assert await portions_of(monkeypatch, [half, half, whole, half]) == [[half, half], [whole], [half]]


async def test_no_letter_is_no_portion(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await portions_of(monkeypatch, []) == []
