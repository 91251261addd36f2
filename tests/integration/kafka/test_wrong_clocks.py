"""Messages of a producer whose clock is wrong."""

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.clock import utc_now
from shared.kafka.topics import WantedTopic, ensure_topics
from tests.worlds.patience import DEADLINE_SECONDS

DAYS_60_MS = 60 * 86_400_000


@pytest.mark.parametrize(("name", "skew_ms"), [("ahead", DAYS_60_MS), ("behind", -DAYS_60_MS)])
async def test_a_message_of_a_wrong_clock_is_taken_and_is_as_old_as_the_broker_says(
    kafka: str, name: str, skew_ms: int
) -> None:
    """R29: by the producer's clock the one ahead is refused, and the one behind has outlived its topic."""
    topic = f"clock.{name}"
    await ensure_topics(kafka, [WantedTopic(topic, 1, 3_600_000)], 1)
    now_ms = int(utc_now().timestamp() * 1000)
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        await producer.send_and_wait(topic, b"value", partition=0, timestamp_ms=now_ms + skew_ms)
    async with AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        polled = await consumer.getmany(timeout_ms=int(DEADLINE_SECONDS * 1_000))
    [[message]] = polled.values()
    assert message.value == b"value"
    assert abs(message.timestamp - now_ms) < DAYS_60_MS / 2
