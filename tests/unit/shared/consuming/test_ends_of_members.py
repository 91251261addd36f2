"""How a member ends: what it has open at the broker says goodbye at once, since a broker that hangs lets each
of them wait.
"""

import asyncio
from collections.abc import Sequence

import pytest

from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import Event
from shared.testing.broker import FakeConsumer, FakePauseMemory
from tests.worlds.patience import until
from tests.worlds.services.fake_member import one_by_one, running_member


async def handle_nothing(_: Sequence[Incoming[Event]]) -> Sequence[Outgoing]:
    return ()


async def test_whoever_looks_for_pauses_says_goodbye_before_the_consumer_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A processor whose broker hung waited for one after the other, longer than anybody had counted."""
    has_closed, stop = asyncio.Event(), FakeConsumer.stop

    async def close(_: FakePauseMemory) -> None:
        await asyncio.sleep(0)
        has_closed.set()

    async def stop_after_it(consumer: FakeConsumer) -> None:
        await has_closed.wait()
        await stop(consumer)

    monkeypatch.setattr(FakePauseMemory, "close", close)
    monkeypatch.setattr(FakeConsumer, "stop", stop_after_it)
    async with running_member(one_by_one, handle_nothing) as it:
        await until(lambda: it.work.taken)
        assert not has_closed.is_set()
    assert has_closed.is_set()
