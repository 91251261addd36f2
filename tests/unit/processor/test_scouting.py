"""Which images are fetched while the store is away."""

import pytest

from services.processor.scouting import SCOUT_SECONDS, Scouting
from shared.outcomes import Away, Full, Refused
from shared.testing.fakes import FakeStore


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class OddStore(FakeStore):
    """Its check says what the test wants."""

    says: Exception | None = None

    async def check_room(self) -> None:
        if self.says is not None:
            raise self.says


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> OddStore:
    return OddStore()


@pytest.fixture
def scouting(store: OddStore, clock: Clock) -> Scouting:
    return Scouting(store, clock)


async def test_all_go_ahead_while_nothing_is_known_to_be_away(scouting: Scouting, store: OddStore) -> None:
    store.says = Away("store", "asked for nothing")
    for _ in range(3):
        await scouting.go_ahead()


async def test_after_a_miss_one_after_another_goes_ahead(scouting: Scouting, clock: Clock) -> None:
    scouting.missed(Away("store", "it does not answer"))
    for _ in range(2):
        await scouting.go_ahead()
        with pytest.raises(Away, match="store is away: it does not answer"):
            await scouting.go_ahead()
        clock.now += SCOUT_SECONDS


async def test_once_one_was_kept_all_go_ahead(scouting: Scouting) -> None:
    scouting.missed(Away("store", "it does not answer"))
    scouting.kept()
    for _ in range(3):
        await scouting.go_ahead()


async def test_who_ends_without_anything_to_keep_lets_the_next_go_ahead(scouting: Scouting) -> None:
    scouting.missed(Away("store", "it does not answer"))
    for _ in range(3):
        await scouting.go_ahead()
        scouting.ended()
    await scouting.go_ahead()
    with pytest.raises(Away):
        await scouting.go_ahead()


async def test_none_goes_ahead_before_the_store_has_room(
    scouting: Scouting, store: OddStore, clock: Clock
) -> None:
    scouting.missed(Away("store", "it does not answer"))
    store.says = Full("store", "no room")
    for _ in range(2):
        with pytest.raises(Full):
            await scouting.go_ahead()
        with pytest.raises(Away, match="no room"):
            await scouting.go_ahead()
        clock.now += SCOUT_SECONDS
    store.says = None
    await scouting.go_ahead()


async def test_a_store_that_refuses_to_be_asked_is_away_and_no_fault_of_an_image(
    scouting: Scouting, store: OddStore
) -> None:
    scouting.missed(Away("store", "slow down"))
    store.says = Refused("no right to list")
    with pytest.raises(Away, match="no right to list"):
        await scouting.go_ahead()
