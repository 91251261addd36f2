"""Hosts that processors leave alone, as they answer nobody: how many images of them may be out, and for how
long they have been away.
"""

import pytest

from services.status.images.hosts.host_places import (
    PLACES,
    SAME_REST_SECONDS,
    Heard,
    HostPlaces,
    came_back_unasked,
)
from services.status.images.hosts.limited_hosts import LimitedHosts
from shared.contract.codes import Code, FailureCode, http_code
from tests.unit.status.images.hosts.taking import SHOP, asked, back, taken


def test_one_that_processors_leave_alone_has_few_until_it_answers_again() -> None:
    places = HostPlaces()
    first, *_ = taken(places, SHOP, 1)
    places.hear(back(first, answered=True))
    places.rests(SHOP, 0.0)
    asked_again, *others = taken(places, SHOP, 1_000)
    assert len(others) < PLACES
    places.hear(
        [*back(asked_again, answered=True), *(Heard(each, is_out=True, is_answered=False) for each in others)]
    )
    places.rests(SHOP, SAME_REST_SECONDS)  # it came back before
    assert len(taken(places, SHOP, 1_000)) == 1_000
    places.rests(SHOP, 3 * SAME_REST_SECONDS)
    assert len(taken(places, SHOP, 1_000)) < PLACES


def test_so_does_one_that_is_away_again_while_its_images_come_back_all_the_time() -> None:
    """R18: each of them came back every 15 s, for as long as its second outage lasted."""
    places = HostPlaces()
    for outage in (0.0, 1.5):
        places.hear(back(*taken(places, SHOP, 1), answered=True))
        for tenth in range(13):
            places.rests(SHOP, (outage + tenth / 10) * SAME_REST_SECONDS)
    assert len(taken(places, SHOP, 1_000)) < PLACES


def test_of_very_many_that_rested_the_latest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.status.images.hosts.host_places.KNOWN_HOSTS", 3)
    places = HostPlaces()
    hosts = [f"https://{number}.example/" for number in range(4)]
    for number in (0, 1, 2, 0, 3):
        places.rests(hosts[number], 0.0)
    is_free = []
    for number in (0, 2, 3, 1):
        places.hear(back(*taken(places, hosts[number], 1), answered=True))
        places.rests(hosts[number], 1.0)  # of those that are remembered it came back before
        is_free.append(len(taken(places, hosts[number], 100)) == 100)
    assert is_free == [True, True, True, False]


def away_seconds(places: HostPlaces, now: float) -> float:
    absence = places.absence(SHOP, now)
    assert absence is not None
    return absence.seconds


def test_a_host_that_answered_has_been_away_since_its_first_image_came_back_unasked_until_it_answers() -> (
    None
):
    """R09: a processor that starts meanwhile is told so."""
    places = HostPlaces()
    places.hear(back(*taken(places, SHOP, 1), answered=True))
    assert places.absence(SHOP, 0.0) is None
    places.rests(SHOP, 10.0)
    places.rests(SHOP, 25.0)
    assert away_seconds(places, 40.0) == 30.0
    assert places.absence("https://other.example/1.jpg", 40.0) is None
    places.hear(back(*taken(places, SHOP, 1), answered=True))
    assert places.absence(SHOP, 50.0) is None


def test_one_that_never_answered_is_not_told_to_be_away() -> None:
    places = HostPlaces()
    places.rests(SHOP, 10.0)
    assert places.absence(SHOP, 40.0) is None


def test_one_of_which_many_images_hang_is_away_once_one_comes_back_unasked() -> None:
    """Some of its URLs may hang, and the others be answered."""
    places = HostPlaces()
    places.rests(SHOP, 1.0)  # another time
    first, *others = taken(places, SHOP, 30)
    places.hear([*back(first, answered=True), *(Heard(each, True, is_answered=False) for each in others)])
    places.hang([(SHOP, each) for each in others], 100.0)
    assert places.absence(SHOP, 110.0) is None
    places.rests(SHOP, 120.0)
    assert away_seconds(places, 130.0) == 30.0


def test_one_that_takes_only_so_many_is_away_no_longer_once_it_answers_one_of_them() -> None:
    """Its images have places elsewhere: it was told to be away for as long as it took only so many."""
    places, limited = HostPlaces(), LimitedHosts()
    places.hear(back(*taken(places, SHOP, 1), answered=True))
    places.rests(SHOP, 10.0)
    limited.turned_away(SHOP, 20.0)
    for ordinal, is_answered in enumerate([False, True]):
        limited.take(SHOP, asked(ordinal), 30.0)
        places.answered_elsewhere(limited.hear(back(asked(ordinal), answered=is_answered), 31.0))
        assert (places.absence(SHOP, 40.0) is None) == is_answered


@pytest.mark.parametrize(
    ("code", "failures", "is_unasked"),
    [
        (None, 0, False),
        (FailureCode.CONNECT_FAILED, 0, True),
        (FailureCode.CONNECT_FAILED, 1, False),
        (http_code(502), 0, True),
        (http_code(503), 0, True),
        (http_code(429), 0, False),
    ],
)
def test_an_image_that_has_not_failed_came_back_unasked_unless_its_host_refused(
    code: Code | None, failures: int, *, is_unasked: bool
) -> None:
    assert came_back_unasked(code, failures) == is_unasked


def test_of_one_that_answered_before_a_url_is_told_that_it_answered() -> None:
    places = HostPlaces()
    urls = [f"https://shop.example/{number}.jpg" for number in range(2)]
    for number, url in enumerate(urls):
        places.take(url, asked(number), 0.0)
    places.hear([*back(asked(0)), *back(asked(1), answered=True)])
    places.rests(SHOP, 10.0)
    absence = places.absence(SHOP, 10.0)
    assert absence is not None
    assert absence.answered_url == urls[1]
