"""What the dispatching process remembers, and what it grants by it."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from services.status.images.dispatching import dispatch_memory
from services.status.images.dispatching.dispatch_memory import DispatchMemory, Grant, OpenRequest
from services.status.images.window import FLOOR_IMAGES, REQUEST_FLOOR_IMAGES
from services.status.jobs.throttle import Throttle

BATCH_IMAGES = 500
NO_ANSWERS = {"images": 0, "work_seconds": 0.0, "succeeded": 0, "out_seconds": 0.0, "now": 100.0}


def request(number: int, **changes: object) -> OpenRequest:
    values = {"tenant": "a", "priority": "normal", "in_flight": 0, "overdue": 0, "ended": 0}
    return OpenRequest.from_row({"id": UUID(int=number), **values, "fresh": 1_000, "due": 0, **changes})


def granted(
    memory: DispatchMemory, *requests: OpenRequest, most_images: int = BATCH_IMAGES
) -> dict[int, Grant]:
    memory.hear_answers(NO_ANSWERS)
    memory.see_requests(requests, NO_ANSWERS["now"])
    grants = memory.grant(requests, most_images, 0.0)
    return {request_id.int: grant for request_id, grant in grants.items()}


def test_a_request_gets_its_floor_and_all_of_them_no_more_than_the_window() -> None:
    assert granted(DispatchMemory(), request(1)) == {1: Grant(REQUEST_FLOOR_IMAGES, 0)}
    grants = granted(DispatchMemory(), *(request(number) for number in range(5)))
    assert sum(grant.fresh for grant in grants.values()) == FLOOR_IMAGES


def test_a_full_window_has_room_for_those_alone_who_have_less_of_it_than_their_share() -> None:
    half = FLOOR_IMAGES // 2
    assert granted(DispatchMemory(), request(1, in_flight=half), request(2, in_flight=half)) == {}
    full = granted(DispatchMemory(), request(1, in_flight=FLOOR_IMAGES), request(2))
    assert full == {2: Grant(half, 0)}


def test_images_that_hang_hold_no_place_of_the_window_or_of_their_request() -> None:
    hanging = request(1, in_flight=REQUEST_FLOOR_IMAGES, overdue=REQUEST_FLOOR_IMAGES)
    assert granted(DispatchMemory(), hanging) == {1: Grant(REQUEST_FLOOR_IMAGES, 0)}


def test_half_of_the_places_go_to_what_is_due_again() -> None:
    assert granted(DispatchMemory(), request(1, due=1_000)) == {
        1: Grant(REQUEST_FLOOR_IMAGES // 2, REQUEST_FLOOR_IMAGES // 2)
    }


def test_a_request_that_got_a_place_waits_until_the_others_had_theirs() -> None:
    memory, requests = DispatchMemory(), [request(number) for number in range(3)]
    served = [next(iter(granted(memory, *requests, most_images=1))) for _ in range(6)]
    assert sorted(served[:3]) == [0, 1, 2]
    assert served[3:] == served[:3]


def test_a_tenant_with_little_left_is_served_more_of_it_at_once() -> None:
    memory = DispatchMemory()
    memory.weigh_tenants({"large": 100_000, "small": 10})
    grants = granted(memory, request(1, tenant="large"), request(2, tenant="small"), most_images=10)
    assert (grants[1].fresh, grants[2].fresh) == (2, 8)


def test_what_asking_takes_widens_the_window() -> None:
    def after_a_busy_second(memory: DispatchMemory) -> int:
        memory.hear_answers(NO_ANSWERS)
        busy = NO_ANSWERS | {"images": 1_000, "succeeded": 1_000, "out_seconds": 100.0, "now": 101.0}
        memory.hear_answers(busy)
        requests = [request(number, tenant=str(number)) for number in range(100)]
        memory.see_requests(requests, 101.0)
        grants = memory.grant(requests, 100_000, 0.0)
        return sum(grant.fresh for grant in grants.values())

    idle, slow = DispatchMemory(), DispatchMemory()
    for _ in range(50):
        slow.took(0.5)
    assert after_a_busy_second(slow) > 2 * after_a_busy_second(idle)


def test_one_image_that_ended_well_says_how_long_images_are_out() -> None:
    """Else all of few large ones would count as hanging after a second."""
    memory = DispatchMemory()
    memory.hear_answers(NO_ANSWERS)
    memory.hear_answers(NO_ANSWERS | {"images": 1, "succeeded": 1, "out_seconds": 8.0, "now": 100.25})
    assert memory.usual_seconds == pytest.approx(8.0)


def test_the_time_in_which_nothing_is_out_says_nothing_of_how_quickly_answers_come() -> None:
    """Else a request after a rest would begin in the smallest window, which would grow for seconds."""
    assert images_given_after_five_seconds(in_flight=1) == FLOOR_IMAGES
    assert images_given_after_five_seconds(in_flight=0) > 3 * FLOOR_IMAGES


def images_given_after_five_seconds(in_flight: int) -> int:
    """Of so many that are out for all of the time, with 60 answers in the 0.2 s after it."""

    def hear(memory: DispatchMemory, images: int, now: float, requests: Sequence[OpenRequest]) -> int:
        memory.hear_answers(NO_ANSWERS | {"images": images, "now": now})
        memory.see_requests(requests, now)
        return sum(grant.fresh for grant in memory.grant(requests, BATCH_IMAGES, 0.0).values())

    memory = DispatchMemory()
    hear(memory, 0, 100.0, [request(1, in_flight=in_flight, fresh=0)])
    new = [request(number, tenant=str(number)) for number in range(100)]
    hear(memory, 0, 105.0, new)
    return hear(memory, 60, 105.2, new)


def test_a_throttle_rests_for_its_time_once_it_is_told_to() -> None:
    throttle = Throttle(2.0)
    assert not throttle.rests(0.0)
    throttle.rest(10.0)
    assert throttle.rests(11.9)
    assert not throttle.rests(12.0)


def test_a_count_of_what_tenants_have_left_is_weighed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    weighed: list[object] = []
    monkeypatch.setattr(dispatch_memory, "tenant_weights", weighed.append)
    memory, count = DispatchMemory(), {"tenant": 10}
    for each in (count, count, {"tenant": 9}):
        memory.weigh_tenants(each)
    assert weighed == [{"tenant": 10}, {"tenant": 9}]
