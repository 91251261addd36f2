"""How many images may be out at hosts that take only so many requests a second."""

import uuid

import pytest

from services.status.images.hosts.host_places import Asked, Heard
from services.status.images.hosts.limited_hosts import (
    FORGET_SECONDS,
    LEAST_LOOKS_A_SECOND,
    LONGEST_HELD_SECONDS,
    MOST_LOOKS_A_SECOND,
    PLACES,
    SHORTEST_SECONDS,
    LimitedHosts,
)

REQUEST = uuid.UUID(int=1)
SHOP, OTHER = "https://shop.example/1.jpg", "https://other.example/1.jpg"


def asked(ordinal: int) -> Asked:
    return Asked(REQUEST, ordinal, 1)


def limiting(*urls: str) -> LimitedHosts:
    hosts = LimitedHosts()
    for url in urls:
        hosts.turned_away(url, 0.0)
    return hosts


def taken(hosts: LimitedHosts, url: str, images: int, now: float = 0.0, first: int = 0) -> list[Asked]:
    """As many of these images as have a place."""
    ordinals = range(first, first + images)
    return [asked(each) for each in ordinals if hosts.take(url, asked(each), now) is None]


def test_only_a_host_that_turned_somebody_away_is_limited_and_not_for_ever() -> None:
    hosts = limiting(SHOP)
    assert hosts.limits("https://SHOP.example/2.jpg", 0.0)
    assert not hosts.limits(OTHER, 0.0)
    (image,) = taken(hosts, SHOP, 1)
    assert hosts.limits(SHOP, FORGET_SECONDS + 1)  # one of its images is out
    hosts.hear([Heard(image, is_out=False, is_answered=True)], 1.0)
    assert not hosts.limits(SHOP, FORGET_SECONDS + 1)


def test_a_host_is_limited_until_it_has_turned_nobody_away_for_a_while_and_then_forgotten() -> None:
    hosts = LimitedHosts()
    hosts.turned_away(SHOP, 1_000.0)
    assert hosts.limits(SHOP, 1_000.0 + FORGET_SECONDS - 1)
    (image,) = taken(hosts, SHOP, 1, now=1_100.0)
    hosts.hear([Heard(image, is_out=False, is_answered=False, turned_away_seconds=0.5)], 1_100.0)
    hosts.take(SHOP, asked(1), 1_150.0)
    hosts.hear([Heard(asked(1), is_out=False, is_answered=True)], 1_151.0)
    assert hosts.limits(SHOP, 1_100.0 + FORGET_SECONDS - 1)
    assert not hosts.limits(SHOP, 1_100.0 + FORGET_SECONDS + 1)
    assert hosts == LimitedHosts()


def test_they_are_asked_while_an_image_is_out_or_keeps_its_place_after_it_was_turned_away() -> None:
    hosts = limiting(SHOP)
    assert not hosts.are_asked
    (image,) = taken(hosts, SHOP, 1)
    assert hosts.are_asked
    hosts.hear([Heard(image, is_out=False, is_answered=False, turned_away_seconds=0.5)], 0.0)
    assert hosts.are_asked
    taken(hosts, SHOP, 1, now=LONGEST_HELD_SECONDS + 1, first=1)
    hosts.hear([Heard(asked(1), is_out=False, is_answered=True)], LONGEST_HELD_SECONDS + 1)
    assert not hosts.are_asked


def test_such_hosts_share_few_places_and_each_finds_some() -> None:
    hosts = limiting(SHOP, OTHER)
    first = taken(hosts, SHOP, 100)
    second = taken(hosts, OTHER, 100, first=100)
    assert len(first) > len(second) > 2
    assert len(first) + len(second) <= PLACES


def test_what_comes_back_gives_its_place_to_the_next() -> None:
    hosts = limiting(SHOP)
    images = taken(hosts, SHOP, 100)
    hosts.hear([Heard(each, is_out=each not in images[:3], is_answered=True) for each in images], 0.0)
    assert len(taken(hosts, SHOP, 100, first=100)) == 3


def test_the_place_of_what_was_turned_away_is_held_until_it_is_due_but_not_for_long() -> None:
    hosts = limiting(SHOP)
    images = taken(hosts, SHOP, 100)
    waits = [0.5, 1_000.0]
    for image, seconds in zip(images, waits, strict=False):
        hosts.hear([Heard(image, is_out=False, is_answered=True, turned_away_seconds=seconds)], 10.0)
    assert not taken(hosts, SHOP, 1, 10.4, first=200)
    assert len(taken(hosts, SHOP, 100, 10.5, first=200)) == 1
    assert len(taken(hosts, SHOP, 100, 10.0 + LONGEST_HELD_SECONDS, first=300)) == 1


def test_a_host_that_turns_somebody_away_again_has_no_more_places_than_before() -> None:
    hosts = limiting(SHOP)
    taken(hosts, SHOP, 100)
    hosts.turned_away(SHOP, 0.0)
    assert not taken(hosts, SHOP, 1, first=100)


def test_the_looks_at_those_that_wait_are_spread() -> None:
    hosts = limiting(SHOP)
    taken(hosts, SHOP, 100)
    waits = [hosts.take(SHOP, asked(number), 100.0) for number in range(200, 300)]
    assert waits[0] == SHORTEST_SECONDS
    assert len(set(waits)) == len(waits)


def test_the_images_of_a_slow_host_are_looked_at_less_often() -> None:
    """Each look is a write, and most of them would be in vain."""
    assert looked_at_within(1.0) > 10 * looked_at_within(0.001)


@pytest.mark.parametrize(
    ("seconds_each", "looks_a_second"), [(0.0, MOST_LOOKS_A_SECOND), (60.0, LEAST_LOOKS_A_SECOND)]
)
def test_looks_are_bounded_however_quick_or_slow_a_host_is(
    seconds_each: float, looks_a_second: float
) -> None:
    assert looked_at_within(seconds_each) == pytest.approx(99 / looks_a_second)


def looked_at_within(seconds_each: float) -> float:
    """How long it takes until each of a hundred that wait was looked at once."""
    hosts = limiting(SHOP)
    for number in range(100):
        (image,) = taken(hosts, SHOP, 1, number * seconds_each, first=number)
        hosts.hear([Heard(image, is_out=False, is_answered=True)], (number + 1) * seconds_each)
    taken(hosts, SHOP, 100, 100.0, first=100)
    waits = [hosts.take(SHOP, asked(number), 100.0) or 0.0 for number in range(200, 300)]
    return waits[-1] - waits[0]


def test_images_that_come_back_after_their_host_was_forgotten_make_no_room_for_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.status.images.hosts.limited_hosts.KNOWN_HOSTS", 1)
    hosts = limiting(SHOP)
    images = taken(hosts, SHOP, 100)
    for url in (OTHER, SHOP):
        hosts.turned_away(url, 1.0)
    hosts.hear([Heard(each, is_out=False, is_answered=True) for each in images], 2.0)
    assert len(taken(hosts, SHOP, 100, 3.0, first=100)) == len(images)


def test_what_became_of_other_hosts_images_changes_nothing_here() -> None:
    hosts = limiting(SHOP)
    images = taken(hosts, SHOP, 100)
    hosts.hear([Heard(asked(1_000), is_out=False, is_answered=True)], 0.0)
    assert list(hosts.out()) == images
    assert not taken(hosts, SHOP, 1, first=2_000)


def test_only_the_last_known_of_very_many_hosts_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.status.images.hosts.limited_hosts.KNOWN_HOSTS", 3)
    hosts = LimitedHosts()
    for number in range(5):
        url = f"https://{number}.example/"
        hosts.turned_away(url, 0.0)
        hosts.take(url, asked(number), 0.0)
    hosts.hear([Heard(each, is_out=False, is_answered=True) for each in hosts.out()], 0.0)
    known = [hosts.limits(f"https://{number}.example/", 0.0) for number in range(5)]
    assert known == [False, False, True, True, True]
