"""Who waits for a host is called once when it answers, and what is remembered of it has a bound."""

from uuid import UUID

import pytest

from services.status.images.hosts.called_back import CalledBack

SHOP, OTHER = "https://shop.example", "https://other.example"
FIRST, SECOND = UUID(int=1), UUID(int=2)


def waiting(host: str, request_id: UUID, *ordinals: int) -> CalledBack:
    called_back = CalledBack()
    for ordinal in ordinals:
        called_back.wait(host, request_id, ordinal)
    return called_back


def test_nobody_is_called_before_the_host_has_answered() -> None:
    called_back = waiting(SHOP, FIRST, 1, 2)
    called_back.call(OTHER)
    assert called_back.take(10) == []
    called_back.call(SHOP)
    assert called_back.take(10) == [(FIRST, 1), (FIRST, 2)]
    called_back.call(SHOP)
    assert called_back.take(10) == []


def test_no_more_are_told_at_a_time_than_were_asked_for_and_all_in_their_order() -> None:
    called_back = waiting(SHOP, FIRST, *range(5))
    called_back.wait(SHOP, SECOND, 7)
    called_back.call(SHOP)
    taken = [called_back.take(2) for _ in range(4)]
    assert taken == [
        [(FIRST, 0), (FIRST, 1)],
        [(FIRST, 2), (FIRST, 3)],
        [(FIRST, 4), (SECOND, 7)],
        [],
    ]


def test_of_too_many_those_are_forgotten_whose_host_has_been_silent_for_the_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.status.images.hosts.called_back.REMEMBERED_IMAGES", 3)
    called_back = waiting(SHOP, FIRST, 1, 2)
    called_back.wait(OTHER, FIRST, 3)
    called_back.wait(OTHER, SECOND, 4)
    for host in (SHOP, OTHER):
        called_back.call(host)
    assert called_back.take(10) == [(FIRST, 3), (SECOND, 4)]


def test_what_was_told_makes_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.status.images.hosts.called_back.REMEMBERED_IMAGES", 2)
    called_back = CalledBack()
    for ordinal in (1, 3):
        called_back.wait(SHOP, FIRST, ordinal)
        called_back.wait(SHOP, FIRST, ordinal + 1)
        called_back.call(SHOP)
        assert called_back.take(10) == [(FIRST, ordinal), (FIRST, ordinal + 1)]


def test_looks_that_find_no_place_again_take_no_room_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.status.images.hosts.called_back.REMEMBERED_IMAGES", 3)
    called_back = waiting(OTHER, SECOND, 7)
    for _ in range(10):
        called_back.wait(SHOP, FIRST, 1)
        called_back.wait(SHOP, FIRST, 2)
    for host in (SHOP, OTHER):
        called_back.call(host)
    assert called_back.take(10) == [(FIRST, 1), (FIRST, 2), (SECOND, 7)]


def test_an_image_that_was_called_and_finds_no_place_again_is_called_again() -> None:
    called_back = CalledBack()
    for _ in range(2):
        called_back.wait(SHOP, FIRST, 1)
        called_back.call(SHOP)
        assert called_back.take(10) == [(FIRST, 1)]


def test_an_image_that_was_forgotten_can_wait_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.status.images.hosts.called_back.REMEMBERED_IMAGES", 1)
    called_back = waiting(SHOP, FIRST, 1)
    called_back.wait(OTHER, SECOND, 1)
    called_back.wait(SHOP, FIRST, 1)
    for host in (SHOP, OTHER):
        called_back.call(host)
    assert called_back.take(10) == [(FIRST, 1)]


def test_of_a_host_that_alone_has_too_many_those_who_came_last_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.status.images.hosts.called_back.REMEMBERED_IMAGES", 4)
    monkeypatch.setattr("services.status.images.hosts.called_back.FORGOTTEN_IMAGES", 2)
    called_back = waiting(SHOP, FIRST, *range(6))
    called_back.call(SHOP)
    assert called_back.take(10) == [(FIRST, ordinal) for ordinal in range(2, 6)]
