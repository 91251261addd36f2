"""How many images may be out at hosts that take only so many requests a second (pure). The processors learn
how many and keep to it; here it is seen to that no crowd waits for such a host in places that others need.
"""

import heapq
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from services.status.images.hosts.host_places import KNOWN_HOSTS, TOO_MANY_REQUESTS, Asked, Heard, host_of
from shared.contract.codes import Code, http_code

TURNED_AWAY_CODES: Sequence[Code] = (TOO_MANY_REQUESTS, http_code(503))
PLACES = 21  # of all such hosts together: as many as may wait in one processor
GREED = 3  # a host has at most so many times what is left: 15 if it is alone
LONGEST_HELD_SECONDS = 1.0  # a longer wait may be meant for one image, or for one of many processors
FORGET_SECONDS = 120.0  # after it last turned somebody away
SHORTEST_SECONDS = 1.0  # until an image that found no place is looked at again
LOOKS = 4  # at images that wait, for each that was worked on: each look is a write
MOST_LOOKS_A_SECOND, LEAST_LOOKS_A_SECOND = 250, 20  # at images of one host
SMOOTHING = 0.1  # the weight of the latest value


@dataclass(slots=True)
class _Limited:
    turned_away_at: float
    worked_on_at: float  # the latest of its images that came back and was not turned away
    between_seconds: float = LOOKS / MOST_LOOKS_A_SECOND  # two such images
    places: int = 0
    last_look: float = 0.0  # when the last of those that wait for a place is to be looked at again


@dataclass(slots=True)
class LimitedHosts:
    """What the dispatching process knows of them. If this is lost, a few images are sent and come back."""

    _hosts: dict[str, _Limited] = field(default_factory=dict)  # the longest known first
    _out: dict[Asked, str] = field(default_factory=dict)  # the host of each image that is out
    _held: list[tuple[float, str]] = field(default_factory=list)  # a heap: until when a place is, and of whom

    def limits(self, url: str, now: float) -> bool:
        """Whether this image's host is one of them."""
        host = host_of(url)
        limited = self._hosts.get(host)
        if limited is None:
            return False
        if not limited.places and now - limited.turned_away_at > FORGET_SECONDS:
            del self._hosts[host]
            return False
        return True

    def turned_away(self, url: str, now: float) -> None:
        """An image of this host was turned away when it was last asked for."""
        host = host_of(url)
        if host in self._hosts:
            return
        self._hosts[host] = _Limited(turned_away_at=now, worked_on_at=now)
        if len(self._hosts) > KNOWN_HOSTS:
            del self._hosts[next(iter(self._hosts))]

    def take(self, url: str, asked: Asked, now: float) -> float | None:
        """Gives this image a place, or returns for how many seconds it has to wait for one."""
        while self._held and self._held[0][0] <= now:
            self._free(heapq.heappop(self._held)[1])
        host = host_of(url)
        limited = self._hosts[host]
        if limited.places >= GREED * (PLACES - len(self._out) - len(self._held)):
            return _wait_seconds(limited, now)
        self._out[asked] = host
        limited.places += 1
        return None

    @property
    def are_asked(self) -> bool:
        """Whether an image of one of them is out, or its place is kept."""
        return bool(self._out or self._held)

    def out(self) -> Sequence[Asked]:
        """The images of which `hear` wants to know what became of them."""
        return list(self._out)

    def hear(self, news: Iterable[Heard], now: float) -> Collection[str]:
        """What came back leaves its place. That of an image that was turned away is nobody else's before it
        is due: the next one would only be turned away, too. Returns the hosts that answered.
        """
        answered = set()
        for each in news:
            if each.is_out or each.asked not in self._out:
                continue
            host = self._out.pop(each.asked)
            if each.is_answered:
                answered.add(host)
            if each.turned_away_seconds is None:
                self._free(host)
                self._work_on(host, now)
            else:
                self._hold(host, each.turned_away_seconds, now)
        return answered

    def _free(self, host: str) -> None:
        limited = self._hosts.get(host)
        if limited is not None:
            limited.places = max(0, limited.places - 1)  # it may have been forgotten meanwhile

    def _work_on(self, host: str, now: float) -> None:
        limited = self._hosts.get(host)
        if limited is not None:
            elapsed_seconds = now - limited.worked_on_at
            limited.worked_on_at = now
            limited.between_seconds += (elapsed_seconds - limited.between_seconds) * SMOOTHING

    def _hold(self, host: str, seconds: float, now: float) -> None:
        heapq.heappush(self._held, (now + min(seconds, LONGEST_HELD_SECONDS), host))
        if host in self._hosts:
            self._hosts[host].turned_away_at = now


def _wait_seconds(limited: _Limited, now: float) -> float:
    between_seconds = limited.between_seconds / LOOKS
    between_seconds = min(max(between_seconds, 1 / MOST_LOOKS_A_SECOND), 1 / LEAST_LOOKS_A_SECOND)
    limited.last_look = max(limited.last_look + between_seconds, now + SHORTEST_SECONDS)
    return limited.last_look - now
