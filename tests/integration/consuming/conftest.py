"""Gives each test of the conformance suite both worlds in turn, with empty topics."""

import uuid
from collections.abc import AsyncIterator

import pytest

from shared.kafka import open_producer
from shared.testing.broker import FakeBroker, FakeBrokerProducer
from tests.integration.consuming.worlds import PARTITIONS, FakeWorld, KafkaWorld, World, empty_topics


@pytest.fixture(params=["fake", "kafka"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "fake":
        broker = FakeBroker(PARTITIONS)
        yield FakeWorld(broker, FakeBrokerProducer(broker))
        return
    bootstrap: str = request.getfixturevalue("kafka")
    await empty_topics(bootstrap)
    async with open_producer(bootstrap, "test") as producer:
        yield KafkaWorld(bootstrap, producer)


@pytest.fixture
def group() -> str:
    return f"group-{uuid.uuid4()}"
