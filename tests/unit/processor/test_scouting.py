"""Who goes ahead while the store is away."""

from contextlib import suppress

import pytest

from services.processor.scouting import Scouting
from shared.outcomes import Away, Full
from shared.testing.fakes import FakeStore


async def _misses(scouting: Scouting, away: Away) -> None:
    with pytest.raises(Away, match=away.reason):
        async with scouting.ahead():
            raise away


async def test_all_go_ahead_while_nothing_is_away() -> None:
    scouting = Scouting(FakeStore())
    async with scouting.ahead(), scouting.ahead():
        pass


async def test_after_a_miss_one_at_a_time_goes_ahead_and_the_others_hear_what_is_away() -> None:
    scouting = Scouting(FakeStore())
    await _misses(scouting, Away("store", "it does not answer"))
    async with scouting.ahead():
        with pytest.raises(Away, match="store is away: it does not answer"):
            async with scouting.ahead():
                pass


async def test_a_decoder_that_does_not_start_holds_up_no_other_image() -> None:
    scouting = Scouting(FakeStore())
    await _misses(scouting, Away("decoder", "its process does not start"))
    async with scouting.ahead(), scouting.ahead():
        pass


async def test_once_one_has_come_through_all_go_ahead() -> None:
    scouting = Scouting(FakeStore())
    await _misses(scouting, Away("store", "it does not answer"))
    async with scouting.ahead():
        pass
    async with scouting.ahead(), scouting.ahead():
        pass


async def test_one_that_missed_again_leaves_its_turn_to_the_next() -> None:
    scouting = Scouting(FakeStore())
    await _misses(scouting, Away("store", "the first time"))
    await _misses(scouting, Away("store", "the second time"))
    async with scouting.ahead():
        with pytest.raises(Away, match="the second time"):
            async with scouting.ahead():
                pass


async def test_one_that_ended_by_something_else_says_nothing_of_what_is_away() -> None:
    scouting = Scouting(FakeStore())
    await _misses(scouting, Away("store", "it does not answer"))
    with suppress(TimeoutError):
        async with scouting.ahead():
            raise TimeoutError
    async with scouting.ahead():
        with pytest.raises(Away):
            async with scouting.ahead():
                pass


async def test_none_goes_ahead_before_the_store_has_room() -> None:
    store = FullDisk()
    scouting = Scouting(store)
    await _misses(scouting, Full("store", "no room"))
    for _ in range(2):
        with pytest.raises(Full):
            async with scouting.ahead():
                raise AssertionError("it went ahead")
    store.is_full = False
    async with scouting.ahead():
        pass


class FullDisk(FakeStore):
    is_full = True

    async def check_room(self) -> None:
        if self.is_full:
            raise Full("store", "no room")
