"""Who may be posted to now: a slow or dead receiver keeps no place that another one needs."""

from heapq import heapify, heappop, heappush

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.receivers import (
    FIRST_PAUSE_SECONDS,
    LONGEST_BUSY_RETRY_SECONDS,
    PLACE_BYTES,
    Deferral,
    Limits,
    Permit,
    Receiver,
    Receivers,
    Refusal,
)
from services.notifier.settings import Settings
from shared.testing.fakes import FakeClock

CONCURRENCY: int = Settings.model_fields["concurrency"].default


def receivers(limits: Limits | None = None) -> tuple[Receivers, FakeClock]:
    clock = FakeClock()
    return Receivers(clock, limits or Limits()), clock


def admitted(known: Receivers, endpoint: str = "a", host: str = "h", tenant: str = "t") -> Permit:
    permit = known.admit(Receiver(tenant, endpoint, host))
    assert isinstance(permit, Permit)
    return permit


def refused(known: Receivers, endpoint: str = "a", host: str = "h", tenant: str = "t") -> Deferral:
    deferral = known.admit(Receiver(tenant, endpoint, host))
    assert isinstance(deferral, Deferral)
    return deferral


def fail(known: Receivers, clock: FakeClock, times: int, seconds: float) -> None:
    for _ in range(times):
        permit = admitted(known)
        clock.now += seconds
        known.finished(permit, healthy=False)


def test_a_hanging_receiver_holds_eight_places_and_leaves_the_others_free() -> None:
    """R17: a slow or dead receiver never delays others."""
    known, _ = receivers()
    held = [admitted(known) for _ in range(8)]
    assert refused(known) == Deferral(Refusal.BUSY, 1.0)
    admitted(known, "b", "other")
    known.finished(held[0], healthy=True)
    admitted(known)


def test_a_busy_receiver_that_hangs_is_asked_again_later_than_a_quick_one() -> None:
    known, clock = receivers(Limits(unproven=1))
    admitted(known)
    clock.now += 3
    assert refused(known) == Deferral(Refusal.BUSY, 5.0)


def play(deliveries: int, post_seconds: float, endpoints: int = 1) -> tuple[int, float]:
    """All are asked for at once. How many refusals there are, and in how many seconds all are delivered."""
    known, clock = receivers()
    refusals = 0
    todo: list[tuple[float, int, Permit | None]] = [(0.0, each, None) for each in range(deliveries)]
    heapify(todo)
    while todo:
        clock.now, each, permit = heappop(todo)
        if permit is not None:
            known.finished(permit, healthy=True)
            continue
        answer = known.admit(Receiver("t", str(each % endpoints), "h"))
        if isinstance(answer, Permit):
            heappush(todo, (clock.now + post_seconds, each, answer))
        else:
            refusals += 1
            heappush(todo, (clock.now + answer.retry_after_seconds, each, None))
    return refusals, clock.now


def test_many_deliveries_to_one_slow_receiver_are_not_all_asked_for_again_every_few_seconds() -> None:
    """R17: each time is two messages with the body in one of them, and a row written in the database."""
    refusals, seconds = play(1_000, 5)
    assert refusals < 50 * 1_000  # they were 186 each
    assert seconds < 1.1 * 1_000 * 5 / 8  # its eight places were hardly ever free meanwhile


def test_nor_are_many_to_as_many_slow_receivers_of_one_tenant() -> None:
    """R17: a shop may have an address for each order."""
    refusals, seconds = play(2_000, 15, endpoints=2_000)
    assert refusals < 50 * 2_000  # they were 110 each
    assert seconds < 1.1 * 2_000 * 15 / 64


def test_who_is_refused_waits_behind_those_refused_before_and_at_most_so_long() -> None:
    known, clock = receivers(Limits(unproven=1))
    for _ in range(20):
        permit = admitted(known)
        clock.now += 15
        waits = [refused(known).retry_after_seconds for _ in range(50)]
        assert waits == sorted(waits)
        known.finished(permit, healthy=True)
        clock.now += 75
    assert (waits[0], waits[-1]) == (5.0, LONGEST_BUSY_RETRY_SECONDS)


def test_nobody_waits_long_for_a_receiver_that_has_become_quick() -> None:
    known, clock = receivers(Limits(unproven=1, proven=1))
    for seconds in (15, *[0.01] * 50):
        permit = admitted(known)
        clock.now += seconds
        known.finished(permit, healthy=True)
    admitted(known)
    assert [refused(known).retry_after_seconds for _ in range(50)][-1] < 2


def test_a_receiver_that_is_back_is_not_waited_for_as_long_as_it_took_before() -> None:
    known, clock = receivers(Limits(unproven=1, proven=1))
    fail(known, clock, times=5, seconds=15)  # the breaker opens
    clock.now += 10
    probe = admitted(known)
    assert [refused(known).retry_after_seconds for _ in range(50)][-1] == LONGEST_BUSY_RETRY_SECONDS
    known.finished(probe, healthy=True)
    admitted(known)
    assert [refused(known).retry_after_seconds for _ in range(50)][-1] == 1.0


def test_one_quick_post_of_a_slow_receiver_makes_nobody_ask_again_much_sooner() -> None:
    """R17: how long one usually takes is said by the latest ones together."""
    known, clock = receivers(Limits(unproven=1))
    for seconds in (*[8.0] * 40, 0.1):
        permit = admitted(known)
        clock.now += seconds
        known.finished(permit, healthy=True)
    admitted(known)
    admitted(known)
    first, second = (refused(known).retry_after_seconds for _ in range(2))
    assert 1.5 < second - first < 2


def test_one_post_that_hangs_makes_nobody_wait_longer_for_places_that_quick_ones_hold() -> None:
    """R17: at those of a tenant with many deliveries, or of a host that is many tenants'."""
    known, clock = receivers(Limits(unproven=1, host=4, tenant=4))
    admitted(known, "hangs", "other")
    admitted(known, "slow", "h", "another")
    clock.now += 3
    for number in range(3):
        admitted(known, str(number))
    assert refused(known, "b", "third") == Deferral(Refusal.TENANT_BUSY, 1.0)
    assert refused(known, "c", "h", "third") == Deferral(Refusal.BUSY, 1.0)


@pytest.mark.parametrize(("hanging", "seconds"), [(3, 1.0), (4, 5.0)])
def test_where_half_of_the_places_hang_everybody_asks_later(hanging: int, seconds: float) -> None:
    known, clock = receivers(Limits(unproven=8))
    for _ in range(hanging):
        admitted(known)
    clock.now += 3
    for _ in range(8 - hanging):
        admitted(known)
    assert refused(known) == Deferral(Refusal.BUSY, seconds)


def test_many_endpoints_of_one_host_share_its_places() -> None:
    known, _ = receivers(Limits(host=3))
    for endpoint in "abc":
        admitted(known, endpoint)
    assert refused(known, "d").reason is Refusal.BUSY
    admitted(known, "d", "other")


def test_large_bodies_take_more_of_their_tenants_places() -> None:
    """R29"""
    known, clock = receivers(Limits(tenant=6, tenant_hanging=4))
    large = [known.admit(Receiver("t", endpoint, endpoint), 2 * PLACE_BYTES) for endpoint in "ab"]
    assert refused(known, "c").reason is Refusal.TENANT_BUSY
    admitted(known, "c", tenant="another")
    assert isinstance(large[0], Permit)
    known.finished(large[0], healthy=True)
    admitted(known, "c")
    clock.now += 2
    assert refused(known, "d").reason is Refusal.TENANT_BUSY  # four places of it hang


def test_a_tenant_whose_receivers_all_hang_leaves_places_to_the_others() -> None:
    """R17: one tenant's slow receivers never hold up another's."""
    known, _ = receivers(Limits(tenant=20))
    for number in range(20):
        admitted(known, f"slow-{number}", f"host-{number}")
    assert refused(known, "slow-20", "host-20") == Deferral(Refusal.TENANT_BUSY, 1.0)  # none hangs yet
    for number in range(20):
        admitted(known, f"quick-{number}", f"host-{number}", "another")


def test_a_tenant_s_quick_receivers_keep_places_while_its_others_hang() -> None:
    """R17."""
    known, clock = receivers(Limits(tenant=10, tenant_hanging=6))
    known.finished(admitted(known, "quick"), healthy=True)
    hanging = [admitted(known, f"slow-{number}") for number in range(6)]
    admitted(known, "young", "other")  # a burst is nobody's fault: none has hung for a second yet
    clock.now += 1.1
    assert refused(known, "slow-6") == Deferral(Refusal.TENANT_BUSY, 2.0)
    admitted(known, "quick")
    clock.now += 14
    for permit in hanging:
        known.finished(permit, healthy=False)
    admitted(known, "slow-6")


def test_many_tenants_whose_receivers_hang_leave_places_to_those_that_are_quick() -> None:
    """R17."""
    known, clock = receivers(Limits(everyone_hanging=6))
    known.finished(admitted(known, "quick", tenant="good"), healthy=True)
    for number in range(6):
        admitted(known, tenant=f"bad-{number}")
    clock.now += 1.1
    assert refused(known, tenant="bad-7") == Deferral(Refusal.CROWDED, 2.0)
    admitted(known, "quick", tenant="good")


def test_the_limits_leave_room_in_the_process() -> None:
    limits = Limits()
    assert limits.tenant <= CONCURRENCY // 2
    assert limits.tenant_hanging < limits.tenant
    assert limits.everyone_hanging < CONCURRENCY


def test_a_quick_receiver_earns_more_places_and_loses_them_by_one_failure() -> None:
    known, _ = receivers(Limits(unproven=1, proven=3))
    for _ in range(5):
        known.finished(admitted(known), healthy=True)
    held = [admitted(known) for _ in range(3)]
    assert refused(known).reason is Refusal.BUSY
    known.finished(held.pop(), healthy=False)
    assert refused(known).reason is Refusal.BUSY
    for permit in held:
        known.finished(permit, healthy=None)
    admitted(known)
    refused(known)


def test_a_slow_success_earns_nothing() -> None:
    known, clock = receivers(Limits(unproven=1, proven=3))
    permit = admitted(known)
    clock.now += 5
    known.finished(permit, healthy=True)
    admitted(known)
    refused(known)


def test_five_slow_failures_in_a_row_open_the_breaker() -> None:
    """R17."""
    known, clock = receivers()
    fail(known, clock, times=4, seconds=15)
    admitted(known)
    fail(known, clock, times=1, seconds=15)
    assert refused(known) == Deferral(Refusal.BROKEN, 10.0)
    clock.now += 9.5
    assert refused(known) == Deferral(Refusal.BROKEN, 1.0)


def test_quick_failures_cost_little_and_open_it_only_after_fifty() -> None:
    known, clock = receivers()
    fail(known, clock, times=49, seconds=0.01)
    fail(known, clock, times=1, seconds=0.01)
    assert refused(known).reason is Refusal.BROKEN


def test_a_success_clears_the_strikes() -> None:
    known, clock = receivers()
    for _ in range(10):
        fail(known, clock, times=4, seconds=15)
        known.finished(admitted(known), healthy=True)


def test_after_the_pause_one_probe_goes_through_and_decides() -> None:
    known, clock = receivers()
    fail(known, clock, times=5, seconds=15)
    clock.now += 11
    probe = admitted(known)
    assert refused(known).reason is Refusal.BUSY
    clock.now += 15
    known.finished(probe, healthy=False)
    assert refused(known) == Deferral(Refusal.BROKEN, 20.0)
    clock.now += 21
    known.finished(admitted(known), healthy=True)
    admitted(known)
    admitted(known)


def test_pauses_grow_to_five_minutes_and_no_further() -> None:
    known, clock = receivers()
    fail(known, clock, times=5, seconds=15)
    pauses = []
    for _ in range(12):
        pauses.append(refused(known).retry_after_seconds)
        clock.now += pauses[-1]
        fail(known, clock, times=1, seconds=15)
    assert pauses[:6] == [10, 20, 40, 80, 160, 300]
    assert set(pauses[6:]) == {300}


def test_a_receiver_that_was_back_meanwhile_is_left_alone_for_no_longer_than_at_first() -> None:
    known, clock = receivers()
    fail(known, clock, 5, 15)
    for _ in range(3):
        clock.now += refused(known).retry_after_seconds
        fail(known, clock, 1, 15)
    assert refused(known).retry_after_seconds == 8 * FIRST_PAUSE_SECONDS
    clock.now += refused(known).retry_after_seconds
    known.finished(admitted(known), healthy=True)
    fail(known, clock, 5, 15)
    assert refused(known).retry_after_seconds == FIRST_PAUSE_SECONDS


def test_a_success_that_began_before_the_breaker_opened_lets_the_next_ones_through_at_once() -> None:
    known, clock = receivers()
    held = admitted(known)
    fail(known, clock, 5, 15)
    assert refused(known).reason is Refusal.BROKEN
    known.finished(held, healthy=True)
    admitted(known)


def test_failures_that_began_before_the_breaker_opened_do_not_open_it_again() -> None:
    known, clock = receivers()
    held = [admitted(known) for _ in range(8)]
    clock.now += 15
    for permit in held:
        known.finished(permit, healthy=False)
    assert refused(known).retry_after_seconds == 10.0


def test_a_cancelled_post_says_nothing_of_the_receiver() -> None:
    known, clock = receivers()
    for _ in range(100):
        permit = admitted(known)
        clock.now += 15
        known.finished(permit, healthy=None)
    admitted(known)


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from("xy"),
            st.sampled_from("tu"),
            st.sampled_from([True, False, None]),
            st.floats(0, 20),
        )
    )
)
def test_places_are_never_lost_or_made_up(steps: list[tuple[str, str, str, bool | None, float]]) -> None:
    limits = Limits(unproven=2, proven=4, host=5, tenant=6)
    known, clock = receivers(limits)
    held: list[Permit] = []
    for endpoint, host, tenant, healthy, seconds in steps:
        clock.now += seconds
        match known.admit(Receiver(tenant, endpoint, host)):
            case Permit() as permit:
                held.append(permit)
            case Deferral() as deferral:
                assert deferral.retry_after_seconds >= 1
                if held:
                    known.finished(held.pop(0), healthy=healthy)
        for name in "abc":
            for of in "tu":
                places = [(each.receiver.tenant, each.receiver.endpoint) for each in held]
                assert places.count((of, name)) <= limits.proven
        for name in "xy":
            assert sum(permit.receiver.host == name for permit in held) <= limits.host
        for name in "tu":
            assert sum(permit.receiver.tenant == name for permit in held) <= limits.tenant
    for permit in held:
        known.finished(permit, healthy=True)
    assert (known._by_host, known._by_tenant, known._all) == ({}, {}, {})
    assert not any(endpoint.under_way for endpoint in known._endpoints.values())


def test_only_so_many_receivers_are_remembered_and_none_that_is_under_way() -> None:
    known, _ = receivers()
    first = admitted(known, "first")
    for number in range(10_050):
        known.finished(admitted(known, str(number)), healthy=True)
    assert len(known._endpoints) == 10_000
    known.finished(first, healthy=True)


def test_whoever_was_met_lately_is_remembered_before_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notifier.receivers.ENDPOINTS_REMEMBERED", 2)
    known, clock = receivers()
    fail(known, clock, 5, 15)
    known.finished(admitted(known, "b"), healthy=True)
    assert refused(known).reason is Refusal.BROKEN
    known.finished(admitted(known, "c"), healthy=True)  # for whom one is forgotten
    assert refused(known).reason is Refusal.BROKEN
