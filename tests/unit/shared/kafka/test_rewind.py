"""A group that cannot be moved: its broker goes away, or it has members."""

import asyncio
import sys
from datetime import UTC, datetime

import pytest

from shared.broker_access import NO_SECURITY
from shared.kafka import GroupInUse, rewind
from shared.outcomes import Away

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


class Silent:
    """A client that has started, and is answered no more."""

    stopped = False

    async def start(self) -> None:
        pass

    async def end_offsets(self, _: object) -> None:
        await asyncio.Event().wait()

    async def stop(self) -> None:
        self.stopped = True


async def test_a_broker_that_stays_away_while_a_group_is_moved_ends_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The library asks again and again: an operator waited for ever, and was told nothing."""
    client = Silent()

    async def no_members(*_: object) -> int:
        return 0

    module = sys.modules[rewind.__module__]  # the function has its name
    monkeypatch.setattr(module, "count_members", no_members)
    monkeypatch.setattr(module, "new_visitor", lambda *_, **__: client)
    monkeypatch.setattr(module, "MOVE_SECONDS", 0.1)
    with pytest.raises(Away):
        await rewind("127.0.0.1:1", NO_SECURITY, group="processor", topic="image.requested", since=SINCE)
    assert client.stopped


async def test_a_group_with_members_is_left_alone_and_it_is_told_for_how_long_one_that_has_gone_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An operator had stopped them, was told to stop them, and went on without."""

    async def one_member(*_: object) -> int:
        return 1

    monkeypatch.setattr(sys.modules[rewind.__module__], "count_members", one_member)
    with pytest.raises(GroupInUse, match=r"stop them first \(one that has gone may count for 10 s\)"):
        await rewind("127.0.0.1:1", NO_SECURITY, group="status", topic="image.done", since=SINCE)
