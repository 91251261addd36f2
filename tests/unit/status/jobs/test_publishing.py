"""Claim, publish, mark: what is told of the claim when the broker took the messages, and when it is away."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.status.jobs.publishing import Claimed, publish_claimed
from services.status.webhooks.announcer import StoredCompletion
from shared.consuming.handling import Outgoing
from shared.outcomes import Away
from shared.testing.fakes import FakeProducer

MESSAGE = Outgoing(
    StoredCompletion(request_id=UUID(int=1), id=UUID(int=2), body="{}"), datetime(2026, 11, 20, tzinfo=UTC)
)
CLAIMED = Claimed(messages=[MESSAGE], mark="mark", release="release", parameters=([7, 8],))


@dataclass
class Statements:
    """What was executed, and how much was published by then."""

    producer: FakeProducer
    executed: list[tuple[object, ...]] = field(default_factory=list)

    async def execute(self, *statement: object) -> None:
        self.executed.append((*statement, len(self.producer.published)))


async def test_what_is_published_is_marked_afterwards() -> None:
    producer = FakeProducer()
    statements = Statements(producer)
    await publish_claimed(CLAIMED, producer, statements.execute)
    assert producer.published == [MESSAGE]
    assert statements.executed == [("mark", [7, 8], 1)]


async def test_a_claim_is_released_while_the_broker_is_away_and_the_job_learns_of_it() -> None:
    producer = FakeProducer(away=True)
    statements = Statements(producer)
    with pytest.raises(Away, match="broker"):
        await publish_claimed(CLAIMED, producer, statements.execute)
    assert statements.executed == [("release", [7, 8], 0)]


def test_a_stored_completion_goes_out_with_its_own_id_and_its_bytes_unread() -> None:
    stored = StoredCompletion(request_id=UUID(int=1), id=UUID(int=2), body='{"no": "event at all, ü"}')
    assert stored.event_id() == UUID(int=2)
    assert stored.value() == '{"no": "event at all, ü"}'.encode()
