"""How many images of hosts that do not answer may be out."""

import uuid
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.status.images.hosts.host_places import (
    HANGING_LEAST,
    LONGEST_SECONDS,
    LOOKS_A_SECOND,
    PLACES,
    SHORTEST_SECONDS,
    Asked,
    Heard,
    HostPlaces,
    host_of,
)
from services.status.images.window import FLOOR_IMAGES
from tests.unit.status.images.hosts.taking import REQUEST, SHOP, asked, back, taken


def test_a_host_of_which_nothing_came_yet_has_as_many_places_as_the_smallest_window_and_leaves_some() -> None:
    places = HostPlaces()
    assert len(taken(places, SHOP, 1_000)) == FLOOR_IMAGES < PLACES
    assert len(taken(places, "https://other.example/", 1_000, first=1_000)) >= 5


def test_a_host_that_answers_once_has_as_many_places_as_it_wants() -> None:
    places = HostPlaces()
    first, *others = taken(places, SHOP, 1_000)
    places.hear(
        [*back(first, answered=True), *(Heard(each, is_out=True, is_answered=False) for each in others)]
    )
    assert len(taken(places, SHOP, 1_000)) == 1_000
    assert not places.out()


def test_several_that_answer_at_once_are_all_free() -> None:
    places = HostPlaces()
    hosts = [f"https://{number}.example/" for number in range(3)]
    images = [image for number, host in enumerate(hosts) for image in taken(places, host, 1, first=number)]
    places.hear(back(*images, answered=True))
    assert [len(taken(places, host, 1_000)) for host in hosts] == [1_000] * 3


def test_what_comes_back_without_an_answer_gives_its_place_to_the_next() -> None:
    places = HostPlaces()
    images = taken(places, SHOP, 1_000)
    places.hear([*back(*images[:5]), *(Heard(each, is_out=True, is_answered=True) for each in images[5:])])
    assert len(taken(places, SHOP, 1_000, first=1_000)) == 5


def test_silent_hosts_share_the_places_among_them() -> None:
    places = HostPlaces()
    hosts = [f"https://{number}.example/" for number in range(20)]
    for ordinal in range(100):
        for number, host in enumerate(hosts):
            places.take(host, asked(100 * number + ordinal), 0.0)
    shares = Counter(ordinal // 100 for _, ordinal, _ in places.out())
    assert sum(shares.values()) == PLACES
    assert set(shares.values()) <= {1, 2, 3, 4}
    assert len(shares) == 20


@pytest.mark.parametrize(
    ("silent_seconds", "wait_seconds"), [(0, SHORTEST_SECONDS), (7, 7), (500, LONGEST_SECONDS)]
)
def test_who_finds_no_place_waits_the_longer_the_longer_nothing_has_come(
    silent_seconds: float, wait_seconds: float
) -> None:
    places = HostPlaces()
    taken(places, SHOP, 33, now=100.0)
    assert places.take(SHOP, asked(5_000), 100.0 + silent_seconds) == pytest.approx(wait_seconds, abs=0.01)


def test_the_looks_at_a_long_queue_are_spread_and_an_answer_ends_it() -> None:
    places = HostPlaces()
    taken(places, SHOP, 32, now=100.0)
    waits = [places.take(SHOP, asked(number), 100.0) for number in range(100, 100 + 10 * LOOKS_A_SECOND)]
    assert waits[-1] == pytest.approx(SHORTEST_SECONDS + 10, rel=0.01)
    assert len(set(waits)) == len(waits)
    assert places.take("https://other.example/1.jpg", asked(1), 100.0) is None
    places.hear([Heard(each, is_out=False, is_answered=True) for each in places.out()])
    assert places.take(SHOP, asked(5_000), 101.0) is None


def test_who_waited_for_a_host_is_called_once_it_answers_and_by_nobody_elses_answer() -> None:
    places = HostPlaces()
    (first, *_), others = taken(places, SHOP, 32), taken(places, "https://other.example/", 1, first=40)
    assert taken(places, SHOP, 3, first=100) == []
    places.hear([Heard(each, is_out=each not in others, is_answered=each in others) for each in places.out()])
    assert places.called_back.take(10) == []
    places.hear([Heard(each, is_out=each != first, is_answered=each == first) for each in places.out()])
    assert places.called_back.take(10) == [(REQUEST, 100), (REQUEST, 101), (REQUEST, 102)]


def test_a_host_that_answered_and_falls_silent_again_is_looked_at_as_often_as_a_new_one() -> None:
    places = HostPlaces()
    taken(places, SHOP, 33, now=100.0)
    places.hear(back(*places.out(), answered=True))
    places.hang([(SHOP, asked(number)) for number in range(100)], 500.0)
    assert places.take(SHOP, asked(5_000), 500.0) == pytest.approx(SHORTEST_SECONDS, abs=0.01)


def test_the_hosts_whose_images_wait_are_bounded_and_the_latest_keep_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.status.images.hosts.host_places.KNOWN_HOSTS", 3)
    places, hosts = HostPlaces(), [f"https://{number}.example/" for number in range(100)]
    for host in hosts:
        taken(places, host, 32)  # until no place is left
    for host in hosts[-4:]:
        places.take(host, asked(1_000), 100.0)
    waits = [places.take(host, asked(2_000), 110.0) for host in hosts[-1:-5:-1]]
    assert waits == [pytest.approx(seconds, abs=0.1) for seconds in (10, 10, 10, SHORTEST_SECONDS)]


def test_what_is_out_for_a_second_at_a_silent_host_hangs_and_belongs_to_its_request() -> None:
    places, other = HostPlaces(), uuid.UUID(int=2)
    taken(places, SHOP, 3, now=100.0)
    places.take(SHOP, Asked(other, 0, 1), 100.5)
    assert places.hanging(100.9) == {}
    assert places.hanging(101.0) == {REQUEST: 3}
    assert places.hanging(101.5) == {REQUEST: 3, other: 1}
    places.hear([Heard(each, is_out=each[0] == other, is_answered=False) for each in places.out()])
    assert places.hanging(101.5) == {other: 1}


def test_a_host_that_stops_answering_falls_back_to_few_places_until_it_answers_again() -> None:
    places = HostPlaces()
    (first,) = taken(places, SHOP, 1)
    places.hear(back(first, answered=True))
    images = taken(places, SHOP, 100)
    places.hang([(SHOP, each) for each in images[: HANGING_LEAST - 1]], 10.0)
    assert places.take(SHOP, asked(200), 10.0) is None
    places.hang([(SHOP, each) for each in images], 10.0)
    assert places.take(SHOP, asked(201), 10.0) is not None
    assert set(places.out()) <= set(images)
    places.hear(back(*places.out(), answered=True))
    assert places.take(SHOP, asked(201), 10.0) is None


def test_what_hangs_there_does_so_since_it_was_first_seen_to() -> None:
    places = HostPlaces()
    (first,) = taken(places, SHOP, 1)
    places.hear(back(first, answered=True))
    images = [(SHOP, each) for each in taken(places, SHOP, HANGING_LEAST)]
    for quarter in range(4):
        places.hang(images, 10.0 + quarter / 4)
    assert places.hanging(11.0) == {REQUEST: HANGING_LEAST}


def test_a_thousand_images_that_hang_at_one_host_leave_places_to_others() -> None:
    places = HostPlaces()
    (first,) = taken(places, SHOP, 1)
    places.hear(back(first, answered=True))
    places.hang([(SHOP, each) for each in taken(places, SHOP, 1_000)], 10.0)
    assert len(taken(places, "https://other.example/", 1_000, first=1_000)) >= 5


def test_hosts_that_never_answered_leave_nothing_behind_once_their_images_are_back() -> None:
    """Thousands of a large file's hosts may be dead; without this each was remembered for ever."""
    places = HostPlaces()
    for number in range(10):
        places.hear(back(*taken(places, f"https://{number}.example/", 3)))
    assert places == HostPlaces()


def test_only_the_last_known_of_very_many_hosts_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.status.images.hosts.host_places.KNOWN_HOSTS", 3)
    places = HostPlaces()
    for number in range(5):
        (image,) = taken(places, f"https://{number}.example/", 1)
        places.hear(back(image, answered=True))
    assert [len(taken(places, f"https://{number}.example/", 100)) == 100 for number in range(5)] == [
        *(False, False),
        *(True, True, True),
    ]


@pytest.mark.parametrize(
    "url",
    [
        "HTTPS://Shop.example:8443/a/b.jpg",
        "https://shop.example:8443?a://b/",
        "https://shop.example:8443#/",
        "https://shop.example:8443",
    ],
)
def test_a_host_is_its_scheme_name_and_port(url: str) -> None:
    assert host_of(url) == "https://shop.example:8443"


@pytest.mark.parametrize("url", ["https:shop.example/1.jpg", "/1.jpg", ""])
def test_what_has_no_such_beginning_is_a_host_of_its_own(url: str) -> None:
    assert host_of(url) == url


moves = st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans(), st.booleans()), max_size=200)


@given(moves)
def test_never_more_than_the_places_are_out_and_with_none_out_there_is_a_place_for_anyone(
    steps: list[tuple[str, bool, bool]],
) -> None:
    places = HostPlaces()
    for number, (host, comes_back, answered) in enumerate(steps):
        places.take(f"https://{host}/", asked(number), float(number))
        if comes_back and (out := places.out()):
            rest = [Heard(each, is_out=True, is_answered=False) for each in out[1:]]
            places.hear([*back(out[0], answered=answered), *rest])
        assert len(places.out()) <= PLACES
    places.hear(back(*places.out()))
    assert places.take("https://new/", asked(10_000), 1e6) is None
