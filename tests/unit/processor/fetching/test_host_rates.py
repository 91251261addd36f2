"""Processors that know nothing of each other ask a host that takes only so many requests a second, on a clock
of their own: how much of what it allows they use, and how much of what they send it refuses.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from services.processor.fetching.host_rates import HostRate
from tests.worlds.hosts.limiting_hosts import Bucket, LimitingHost, Windows

MOST_AT_ONCE = 24  # of one processor, as in its settings
LEARNT_SECONDS = 600.0  # so long is looked at what they do
ANSWER_SECONDS = (0.05, 0.4)


@dataclass
class Asking:
    """One processor that always has something to ask for."""

    rate: HostRate = field(default_factory=HostRate)
    busy: int = 0
    wakes_at: float = 0.0

    def may_send(self, now: float) -> bool:
        most = 1 if self.rate.is_in_doubt else MOST_AT_ONCE
        return now >= self.rate.next_at and self.busy < most


@dataclass
class Seen:
    served: int = 0
    refused: int = 0

    @property
    def refused_share(self) -> float:
        return self.refused / max(1, self.served + self.refused)


def ask(host: LimitingHost, processors: int, since: float, until: float) -> Seen:
    """What is seen in this stretch of time, from a beginning at 0."""
    chance, seen = random.Random(1), Seen()
    asking = [Asking() for _ in range(processors)]
    happenings: list[tuple[float, int, float | None]] = [(0.0, each, None) for each in range(processors)]
    while happenings:
        now, number, sent_at = heapq.heappop(happenings)
        if now > until:
            break
        one = asking[number]
        if sent_at is not None:
            one.busy -= 1
            _answer(host, one, sent_at, now, seen if now >= since else Seen())
        while one.may_send(now):
            one.busy += 1
            one.rate.send(now)
            heapq.heappush(happenings, (now + chance.uniform(*ANSWER_SECONDS), number, now))
        if max(now, one.wakes_at) < one.rate.next_at:
            one.wakes_at = one.rate.next_at
            heapq.heappush(happenings, (one.rate.next_at, number, None))
    return seen


def _answer(host: LimitingHost, one: Asking, sent_at: float, now: float, seen: Seen) -> None:
    if host.serves(now):
        seen.served += 1
        one.rate.served(sent_at, now)
    else:
        seen.refused += 1
        if not one.rate.puts_aside(sent_at, now):
            one.rate.refuse(sent_at, now, host.retry_after(now))


HOSTS: dict[str, Callable[[], LimitingHost]] = {
    "5 a second": lambda: Bucket(5),
    "5 a second, Retry-After": lambda: Bucket(5, asks_for=1),
    "20 a second": lambda: Bucket(20),
    "5 in each second": lambda: Windows(5, 1),
}


@pytest.mark.parametrize("processors", [1, 2, 4])
@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_limits_is_used_well_and_refuses_little(host: str, processors: int) -> None:
    """R29: after a minute of learning."""
    made = HOSTS[host]()
    seen = ask(made, processors, since=60.0, until=60.0 + LEARNT_SECONDS)
    assert seen.refused_share < 0.04
    assert seen.served > 0.75 * LEARNT_SECONDS * made.per_second


@pytest.mark.parametrize("processors", [1, 2, 4])
@pytest.mark.parametrize("tells", [True, False])
def test_a_host_that_takes_a_minutes_worth_at_once_is_learnt_in_minutes(
    processors: int, *, tells: bool
) -> None:
    """R29"""
    seen = ask(Windows(60, 60, tells), processors, since=600.0, until=600.0 + LEARNT_SECONDS)
    assert seen.refused_share < 0.1
    assert seen.served > 0.9 * LEARNT_SECONDS


@dataclass
class RefusesSome:
    """Whatever the rate."""

    share: float
    chance: random.Random = field(default_factory=lambda: random.Random(3))
    per_second: float = 1_000.0

    def serves(self, _: float) -> bool:
        return self.chance.random() >= self.share

    def retry_after(self, _: float) -> float:
        return 2.0


@pytest.mark.parametrize("processors", [1, 2])
@pytest.mark.parametrize("share", [0.2, 0.3, 0.5])
def test_a_host_that_refuses_some_at_any_rate_is_asked_as_fast_as_others_after_minutes(
    share: float, processors: int
) -> None:
    """R29: two in ten and it was asked once in five seconds, for ever."""
    seen = ask(RefusesSome(share), processors, since=900.0, until=930.0)
    assert seen.served > 10 * 30


class LimitsLater(Bucket):
    """Half of what it is sent is refused at any rate, and after ten minutes what is too much."""

    def __init__(self, *limits: tuple[float, float]) -> None:
        super().__init__(1)
        self._limits = dict(limits)  # by the moment
        self._halves = RefusesSome(0.5)

    def serves(self, now: float) -> bool:
        self.per_second = max([0.0, *(limit for since, limit in self._limits.items() if now >= since)][-1:])
        return super().serves(now) if self.per_second else self._halves.serves(now)


def test_one_that_was_found_to_do_so_and_limits_later_is_limited_again() -> None:
    assert ask(LimitsLater(), 2, since=570.0, until=600.0).served > 10 * 30
    seen = ask(LimitsLater((600.0, 1.0)), 2, since=1_200.0, until=1_800.0)
    assert seen.refused_share < 0.1
    assert seen.served > 0.75 * 600


def test_what_it_refused_at_any_rate_is_forgotten_once_it_has_limited() -> None:
    """It limits, then takes everything for a while, then limits less."""
    later = LimitsLater((600.0, 1.0), (700.0, 1_000.0), (1_300.0, 60.0))
    assert ask(later, 1, since=1_500.0, until=1_560.0).refused_share < 0.1


def test_what_is_asked_a_second_time_is_little_at_a_host_that_limits() -> None:
    """R29: of one a second, which four processors share."""
    assert ask(Bucket(1), 4, since=120.0, until=1_200.0).refused_share < 0.055


def test_a_host_that_limits_no_more_is_soon_asked_as_fast_as_it_answers() -> None:
    host = Bucket(5)
    rate = HostRate()
    _ask_alone(host, rate, seconds=60.0)
    limited = rate.per_second
    host.per_second, host.burst = 1_000.0, 1_000.0
    _ask_alone(host, rate, seconds=300.0)
    assert limited < 10
    assert not rate.is_limited


def _ask_alone(host: Bucket, rate: HostRate, seconds: float) -> None:
    """One request at a time, each answered at once."""
    now = until = rate.next_at
    until += seconds
    while now < until:
        rate.send(now)
        sent_at, now = now, now + 0.005
        if host.serves(now):
            rate.served(sent_at, now)
        elif not rate.puts_aside(sent_at, now):
            rate.refuse(sent_at, now)
        now = max(now, rate.next_at)


def test_a_host_that_is_seldom_asked_keeps_its_rate() -> None:
    """What nobody wanted says nothing of what the host takes."""
    rate = HostRate()
    _ask_alone(Bucket(5), rate, seconds=60.0)
    learnt, now = rate.per_second, rate.next_at
    for _ in range(10):
        now += 3_600
        rate.send(now)
        rate.served(now, now + 0.1)
    assert rate.per_second == learnt
    rate.send(now + 10)
    rate.refuse(now + 10, now + 10.1)
    assert rate.per_second > learnt / 2
