"""No tenant keeps the others out of the places for uploads."""

from contextlib import ExitStack

import pytest

from services.ingest.admission.places import upload_places
from shared.web.places import Places
from shared.web.problems import Problem


def taken_by(held: ExitStack, places: Places, tenant: str) -> int:
    """How many places a tenant gets that takes all it can."""
    count = 0
    while refusal(held, places, tenant) is None:
        count += 1
    return count


def refusal(held: ExitStack, places: Places, tenant: str) -> Problem | None:
    try:
        held.enter_context(places.one_for(tenant))
    except Problem as problem:
        return problem
    return None


@pytest.mark.parametrize(("most", "share"), [(1, 1), (2, 1), (3, 2), (64, 32)])
def test_a_tenant_alone_gets_half_of_the_places_and_at_least_one(most: int, share: int) -> None:
    """R20"""
    with ExitStack() as held:
        assert taken_by(held, upload_places(most), "greedy") == share


def test_whoever_comes_later_finds_room_beside_those_who_took_all_they_could() -> None:
    """R20"""
    places = upload_places(64)
    with ExitStack() as held:
        assert [taken_by(held, places, tenant) for tenant in ("a", "b", "c")] == [32, 16, 8]


def test_a_refusal_says_whether_it_is_the_tenants_turn_to_wait_or_everybodys() -> None:
    """R20"""
    places = upload_places(2)
    with ExitStack() as held:
        taken_by(held, places, "shop")
        own = refusal(held, places, "shop")
        assert own is not None
        assert (own.status, own.kind, own.headers) == (429, "too-many-uploads", {"Retry-After": "2"})
        taken_by(held, places, "other")
        all_taken = refusal(held, places, "third")
        assert all_taken is not None
        assert (all_taken.status, all_taken.kind, all_taken.headers) == (503, "busy", {"Retry-After": "2"})
    assert refusal(ExitStack(), places, "shop") is None


def test_a_place_is_given_back_when_an_upload_fails() -> None:
    """R20"""
    places = upload_places(1)
    for _ in range(3):
        with pytest.raises(OSError, match="broken"), places.one_for("shop"):
            raise OSError("broken")
    assert not places._taken
