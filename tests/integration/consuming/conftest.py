"""Gives each test of the conformance suite both worlds in turn, with empty topics."""

import uuid
from collections.abc import AsyncIterator

import pytest

from shared.kafka import consumer, open_producer, producer
from shared.testing.broker import FakeBroker, FakeBrokerProducer
from tests.integration.consuming.worlds import PARTITIONS, FakeWorld, KafkaWorld, World, empty_topics
from tests.worlds.patience import DEADLINE_SECONDS


@pytest.fixture(params=["fake", "kafka"])
async def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A broker that is away is an affair of other tests: here nobody gives one up who stood still himself."""
    monkeypatch.setattr(consumer, "COMMIT_SECONDS", DEADLINE_SECONDS)
    monkeypatch.setattr(consumer, "ANSWER_MS", int(DEADLINE_SECONDS * 1000))
    monkeypatch.setattr(producer, "PUBLISH_SECONDS", DEADLINE_SECONDS)
    if request.param == "fake":
        broker = FakeBroker(PARTITIONS)
        yield FakeWorld(broker, FakeBrokerProducer(broker))
        return
    bootstrap: str = request.getfixturevalue("kafka")
    await empty_topics(bootstrap)
    async with open_producer(bootstrap, "test") as publishing:
        yield KafkaWorld(bootstrap, publishing)


@pytest.fixture
def group() -> str:
    return f"group-{uuid.uuid4()}"
