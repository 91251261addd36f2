"""Batches that another producer compressed by a codec that our readers do not have."""

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnsupportedCodecError
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from shared.kafka.connection import BROKER_AWAY
from shared.kafka.topics import WantedTopic, ensure_topics
from tests.worlds.patience import DEADLINE_SECONDS

ZSTD = 4
BATCH_BYTES = 16_384
VALUES = [b"one", b"two" * 100]


class _ZstdBuilder(_DefaultRecordBatchBuilderPy):  # type: ignore[misc] # the library is untyped
    def _maybe_compress(self) -> bool:
        header_bytes = self.HEADER_STRUCT.size
        self._buffer[header_bytes:] = zstd_frame(bytes(self._buffer[header_bytes:]))
        return True


def zstd_frame(data: bytes) -> bytes:
    """RFC 8878: one segment of one block, which is raw. No library for it is installed here."""
    head = b"\x28\xb5\x2f\xfd\xa0" + len(data).to_bytes(4, "little")
    return head + (1 | len(data) << 3).to_bytes(3, "little") + data


async def put_as_zstd(bootstrap: str, topic: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as client:
        batch = client.create_batch()
        batch._builder = _ZstdBuilder(2, ZSTD, 0, -1, -1, 0, BATCH_BYTES)
        for value in VALUES:
            batch.append(key=None, value=value, timestamp=None)
        await (await client.send_batch(batch, topic, partition=0))


async def read(bootstrap: str, topic: str) -> list[bytes]:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as client:
        client.assign([TopicPartition(topic, 0)])
        found: list[bytes] = []
        while len(found) < len(VALUES):
            polled = await client.getmany(timeout_ms=int(DEADLINE_SECONDS * 1_000))
            found += [record.value for records in polled.values() for record in records]
        return found


async def test_in_our_topics_the_broker_undoes_a_codec_that_we_cannot_read(kafka: str) -> None:
    await ensure_topics(kafka, [WantedTopic("zstd.ours", 1, 3_600_000)], 1)
    await put_as_zstd(kafka, "zstd.ours")
    assert await read(kafka, "zstd.ours") == VALUES


async def test_without_that_option_the_reader_says_which_codec_it_lacks(kafka: str) -> None:
    """And counts as away, which is seen: it is no silence."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic("zstd.theirs", 1, 1)])
    finally:
        await admin.close()
    await put_as_zstd(kafka, "zstd.theirs")
    with pytest.raises(UnsupportedCodecError, match="zstd") as raised:
        await read(kafka, "zstd.theirs")
    assert isinstance(raised.value, BROKER_AWAY)
