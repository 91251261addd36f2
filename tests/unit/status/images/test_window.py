"""The dispatch window and the fair order of turns."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.status.images.dispatching.fairness import (
    WEIGHTS,
    Candidate,
    Room,
    fair_order,
    share_of_due,
    tenant_weights,
)
from services.status.images.window import (
    FLOOR_IMAGES,
    OWN_SECONDS_MOST,
    REQUEST_FLOOR_IMAGES,
    Flow,
    observed,
    overdue_seconds,
    request_limit,
    smoothed,
    window,
)
from shared.contract.events import Priority

START = Flow(total=0, total_work_seconds=0.0, read_at=100.0)


def steady(per_second: float, work_seconds: float, seconds: float = 10, step: float = 0.1) -> Flow:
    """The flow after so many images a second for a while."""
    flow, total = START, 0.0
    for number in range(1, round(seconds / step) + 1):
        total += per_second * step
        flow = observed(flow, round(total), total * work_seconds, 100.0 + number * step)
    return flow


@pytest.mark.parametrize(
    ("per_second", "work_seconds", "images"),
    [(0, 0, FLOOR_IMAGES), (10, 0.1, FLOOR_IMAGES), (300, 0.1, 150), (3_000, 0.0, 1_200), (100, 5.0, 540)],
)
def test_the_window_follows_littles_law_above_its_floor(
    per_second: float, work_seconds: float, images: int
) -> None:
    assert window(steady(per_second, work_seconds)) == pytest.approx(images, rel=0.03)


def test_what_the_service_itself_takes_widens_the_window_and_a_broker_that_hangs_does_not() -> None:
    flow, own = steady(1_000, 0.0), 0.0
    assert window(flow, 0.4) == pytest.approx(2 * window(flow), rel=0.03)
    for _ in range(50):
        own = smoothed(own, 8.0)
    assert own == pytest.approx(OWN_SECONDS_MOST, rel=0.01)
    for _ in range(50):
        own = smoothed(own, 0.05)
    assert own == pytest.approx(0.05, rel=0.01)


@pytest.mark.parametrize(
    ("per_second", "images"), [(0, REQUEST_FLOOR_IMAGES), (2, REQUEST_FLOOR_IMAGES), (100, 200)]
)
def test_a_request_may_have_two_seconds_of_its_own_completions_in_flight(
    per_second: float, images: int
) -> None:
    assert request_limit(steady(per_second, 0)) == pytest.approx(images, rel=0.03)


def test_a_request_grows_however_long_the_queue_is_that_its_images_wait_in() -> None:
    """At its limit it completes no more than its limit in the time that an image is out."""
    limit, out_seconds = REQUEST_FLOOR_IMAGES, 4.0
    for _ in range(3):
        limit = request_limit(steady(limit / out_seconds, 0), out_seconds)
    assert limit > 10 * REQUEST_FLOOR_IMAGES


@pytest.mark.parametrize(("usual_seconds", "hangs_after"), [(0.0, 1.0), (0.2, 1.0), (0.5, 1.5), (20.0, 60.0)])
def test_an_image_hangs_that_is_out_for_far_longer_than_others_are(
    usual_seconds: float, hangs_after: float
) -> None:
    assert overdue_seconds(usual_seconds) == hangs_after


def test_a_rate_is_known_after_its_first_moments() -> None:
    assert observed(START, 60, 6.0, 100.2).per_second == pytest.approx(300)


def test_a_long_silence_counts_no_more_than_a_short_one() -> None:
    """Else a rest of an hour would keep the window at its floor for seven seconds."""
    flow = observed(START, 0, 0.0, START.read_at + 3_600)
    for number in range(1, 11):
        flow = observed(flow, 30 * number, 0.0, START.read_at + 3_600 + number / 10)
    assert flow.per_second == pytest.approx(300 * 0.63, rel=0.01)


@pytest.mark.parametrize("seconds", [0.05, 1.0, 30.0])
def test_a_steady_rate_is_the_same_however_seldom_it_is_read(seconds: float) -> None:
    flow = steady(100, 0.2, seconds=10 * seconds, step=seconds)
    assert flow.per_second == pytest.approx(100)
    assert flow.mean_work_seconds == pytest.approx(0.2)


@pytest.mark.parametrize("seconds", [0.1, 0.75, 5.0])
def test_how_long_images_take_is_known_from_the_first(seconds: float) -> None:
    """Where one ends every few seconds, it is all that is known."""
    assert observed(START, 1, 8.0, START.read_at + seconds).mean_work_seconds == pytest.approx(8.0)


def test_a_silent_flow_falls_back_to_its_floor() -> None:
    flow = steady(1_000, 0.1)
    assert window(observed(flow, flow.total, flow.total_work_seconds, flow.read_at + 20)) == FLOOR_IMAGES


@pytest.mark.parametrize(("total", "now"), [(5, 101.0), (200, 99.0)])
def test_a_counter_or_a_clock_that_goes_back_begins_anew(total: int, now: float) -> None:
    flow = observed(observed(START, 100, 1.0, 100.5), total, 0.0, now)
    assert (flow.recent, flow.per_second) == (0, 0)


def candidate(
    number: int, tenant: str = "a", priority: Priority = Priority.NORMAL, **changes: int
) -> Candidate:
    values = {"in_flight": 0, "available": 1_000, "limit": 1_000} | changes
    return Candidate(request_id=UUID(int=number), tenant=tenant, priority=priority, **values)


def ordered(candidates: list[Candidate], free: int, window: int = 0) -> list[UUID]:
    return fair_order(candidates, Room(free, window, most=1_000))


def shares(candidates: list[Candidate], free: int, window: int = 0) -> dict[int, int]:
    order = ordered(candidates, free, window)
    return {request_id.int: count for request_id, count in Counter(order).items()}


def test_tenants_share_alike_however_many_requests_they_have() -> None:
    crowd = [candidate(number, "crowd") for number in range(1, 101)]
    assert shares([*crowd, candidate(999, "single")], 200)[999] == 100


def test_a_tenant_who_wants_little_gets_more_of_it_at_once_and_nobody_gets_nothing() -> None:
    weights = tenant_weights({"crowd": 20_000, "single": 1_000, "other": 15_000})
    assert weights == {"crowd": 1, "single": 4, "other": 1}
    three = [
        candidate(number, name, tenant_weight=weight) for number, (name, weight) in enumerate(weights.items())
    ]
    assert shares(three, 120) == {0: 20, 1: 80, 2: 20}
    assert tenant_weights({}) == {}


def test_a_tenants_requests_share_by_priority() -> None:
    """R18"""
    three = [
        candidate(1, priority=Priority.HIGH),
        candidate(2, priority=Priority.NORMAL),
        candidate(3, priority=Priority.BULK),
    ]
    assert shares(three, 70) == {1: 40, 2: 20, 3: 10}


def test_what_is_in_flight_already_counts() -> None:
    assert shares([candidate(1, in_flight=30), candidate(2)], 20) == {2: 20}


def test_a_request_at_its_limit_leaves_the_slots_to_others() -> None:
    assert shares([candidate(1, in_flight=8, limit=8), candidate(2, "b")], 10) == {2: 10}


def test_a_small_request_passes_a_large_one() -> None:
    large, small = candidate(1, available=100_000, limit=100_000), candidate(2, available=20)
    assert shares([large, small], 40) == {1: 20, 2: 20}


FULL = 0  # images that are free of a window of 32


@pytest.mark.parametrize(
    ("candidates", "given"),
    [
        ([candidate(1, "a", in_flight=32), candidate(2, "b")], {2: 16}),
        ([candidate(1, "a", in_flight=54), candidate(2, "a")], {2: 16}),
        ([candidate(1, "a", in_flight=32), candidate(2, "b", available=5)], {2: 5}),
        ([candidate(1, "a", in_flight=32), candidate(2, "b", tenant_weight=4)], {2: 25}),
        ([candidate(1, "a", in_flight=32), candidate(2, "b"), candidate(3, "c")], {2: 11, 3: 10}),
        ([candidate(1, "a", in_flight=16), candidate(2, "b", in_flight=16)], {}),
        ([candidate(1, "a", in_flight=31), candidate(2, "a", priority=Priority.HIGH)], {2: 21}),
    ],
)
def test_whoever_has_less_than_a_share_of_a_full_window_gets_it_at_once(
    candidates: list[Candidate], given: dict[int, int]
) -> None:
    """R23, R29: what stays out for long, and came first, holds nobody else's share."""
    assert shares(candidates, FULL, window=32) == given
    assert shares(candidates, FULL - 40, window=32) == given


def test_a_crowd_in_a_full_window_gets_no_more_of_it_than_a_share() -> None:
    """Of a tenant's many requests as many are served as find room, and not each of them."""
    crowd = [candidate(number, "crowd") for number in range(2, 1_000)]
    assert sum(shares([candidate(1, "a", in_flight=32), *crowd], FULL, window=32).values()) == 16
    assert sum(shares([candidate(1, "crowd", in_flight=32), *crowd], FULL, window=32).values()) == 31
    out = [candidate(number, "crowd", in_flight=1) for number in range(2, 34)]
    assert shares([*out, *crowd[32:]], FULL, window=32) == {}
    assert shares([*out, *crowd[32:], candidate(5_000, "b")], FULL, window=32) == {5_000: 16}


def test_among_equals_the_one_that_waited_longest_goes_first() -> None:
    """Else those whose names sort first would take every slot of a narrow window, for ever."""
    last_slot = dict.fromkeys(range(1, 6), -1)
    served: list[int] = []
    for slot in range(20):
        (chosen,) = ordered([candidate(n, f"tenant {n}", last_slot=last_slot[n]) for n in range(1, 6)], 1)
        last_slot[chosen.int] = slot
        served.append(chosen.int)
    assert Counter(served) == dict.fromkeys(range(1, 6), 4)


def test_a_tenant_has_waited_since_the_latest_slot_of_any_of_its_requests() -> None:
    served_lately = [candidate(1, "a", last_slot=9), candidate(2, "a", last_slot=1)]
    for of_a in (served_lately, served_lately[::-1]):
        assert ordered([*of_a, candidate(3, "b", last_slot=5)], 1) == [UUID(int=3)]


@pytest.mark.parametrize(
    ("granted", "due", "fresh", "of_due"),
    [
        (10, 3, 100, 3),
        (10, 500, 100, 5),
        (10, 500, 2, 8),
        (10, 500, 0, 10),
        (1, 500, 100, 1),
        (10, 0, 100, 0),
    ],
)
def test_what_is_due_again_leaves_half_of_the_slots_to_what_was_never_asked_for(
    granted: int, due: int, fresh: int, of_due: int
) -> None:
    assert share_of_due(granted, due, fresh) == of_due


candidates = st.lists(
    st.builds(
        candidate,
        st.integers(1, 10**9),
        st.sampled_from("abc"),
        st.sampled_from(Priority),
        in_flight=st.integers(0, 20),
        available=st.integers(0, 30),
        limit=st.integers(8, 40),
    ),
    max_size=8,
    unique_by=lambda each: each.request_id,
)


@given(candidates, st.integers(-5, 200))
def test_no_slot_is_given_beyond_slots_limit_or_supply_and_none_is_wasted(
    waiting: list[Candidate], slots: int
) -> None:
    given_slots = Counter(ordered(waiting, slots))
    room = {each.request_id: max(min(each.available, each.limit - each.in_flight), 0) for each in waiting}
    assert all(count <= room[request_id] for request_id, count in given_slots.items())
    assert given_slots.total() == min(max(slots, 0), sum(room.values()))


@given(candidates, st.integers(-40, 20), st.integers(1, 60))
def test_what_is_given_beyond_the_free_slots_leaves_nobody_with_more_than_a_share(
    waiting: list[Candidate], free: int, window: int
) -> None:
    """R29: and it has an end, however long nothing comes back."""
    order = ordered(waiting, free, window)
    given_slots = Counter(order)
    after = [replace(each, in_flight=each.in_flight + given_slots[each.request_id]) for each in waiting]
    last = next((each for each in after if len(order) > max(free, 0) and each.request_id == order[-1]), None)
    assert last is None or is_a_share(last, after, window)
    left = [replace(each, available=each.available - given_slots[each.request_id]) for each in after]
    assert ordered(left, min(free - len(order), 0), window) == []


def is_a_share(one: Candidate, everybody: list[Candidate], window: int) -> bool:
    """What this request has in flight, and with it what its tenant has."""
    level = one.in_flight / WEIGHTS[one.priority]
    own = sum(
        min(each.in_flight, WEIGHTS[each.priority] * level) for each in everybody if each.tenant == one.tenant
    )
    tenants = Counter[str]()
    for each in everybody:
        tenants[each.tenant] += each.in_flight
    return own + sum(min(images, own) for name, images in tenants.items() if name != one.tenant) <= window
