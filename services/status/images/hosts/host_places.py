"""How many images may be out at hosts that have not answered (pure). All such hosts together have few places
of the window. With its first answer a host is one of them no longer, and only its requests limit it.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar
from uuid import UUID

from services.status.images.hosts.called_back import CalledBack
from services.status.images.window import EXCUSED_IMAGES, OVERDUE_LEAST_SECONDS
from shared.contract.codes import Code, FailureCode, http_code

PLACES = EXCUSED_IMAGES  # of all such hosts together: their images hold up nobody else's
GREED = 3  # a host has at most so many times what is left: 32 if it is alone, 1 to 3 for each of twenty
HANGING_LEAST = 8  # so many images that hang at once say something about their host; fewer may be chance
KNOWN_HOSTS = 10_000
SHORTEST_SECONDS, LONGEST_SECONDS = 2.0, 30.0  # until an image that found no place is looked at again
SAME_REST_SECONDS = 60.0  # so long after a host was last known to rest, one that came back tells of another
LOOKS_A_SECOND = 250  # at images of one host: about as fast as those of a good host are worked on
SILENT_CODES = (  # also the code of an image that a processor did not even try, as its host rests
    FailureCode.TIMED_OUT,
    FailureCode.TOO_SLOW,
    FailureCode.CONNECT_FAILED,
    FailureCode.DNS_FAILED,
    FailureCode.CONNECTION_LOST,
)
TOO_MANY_REQUESTS: Code = http_code(429)

_HOST = re.compile(r"[^:]*://[^/?#\\]*")
Known = TypeVar("Known")


class Asked(NamedTuple):
    """One attempt at an image."""

    request_id: UUID
    ordinal: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of an image that was asked for."""

    asked: Asked
    is_out: bool
    is_answered: bool  # its host sent something, whatever it was
    turned_away_seconds: float | None = None  # its host takes it later, after so many


class _Out(NamedTuple):
    since: float
    url: str


class _Silent(NamedTuple):
    """A host that answered before."""

    since: float
    answered_url: str


class Absence(NamedTuple):
    """Of a host that processors leave alone."""

    seconds: float  # until now
    answered_url: str  # before: by it a processor sees whether the host is away


@dataclass(slots=True)
class _Queue:
    """The images of a host that wait for a place."""

    since: float
    last_look: float  # when the last of them is to be looked at again


@dataclass(slots=True)
class HostPlaces:
    """What the dispatching process knows of hosts. If this is lost, every host is new again."""

    _answering: dict[str, str] = field(default_factory=dict)  # a URL of each; the longest known first
    _out: dict[str, dict[Asked, _Out]] = field(default_factory=dict)  # of each other host
    _queues: dict[str, _Queue] = field(default_factory=dict)  # of such hosts too, the oldest first
    _rested_at: dict[str, float] = field(default_factory=dict)  # when each last did; the oldest first
    _fell_silent: dict[str, _Silent] = field(default_factory=dict)
    called_back: CalledBack = field(default_factory=CalledBack)  # who waited for a host that has answered

    def take(self, url: str, asked: Asked, now: float) -> float | None:
        """Gives this image a place, or returns for how many seconds it has to wait for one."""
        host = host_of(url)
        if host in self._answering:
            return None
        if not self._has_place(host):
            self.called_back.wait(host, asked.request_id, asked.ordinal)
            return self._wait_seconds(host, now)
        self._out.setdefault(host, {})[asked] = _Out(now, url)
        return None

    def out(self) -> Sequence[Asked]:
        """The images of which `hear` wants to know what became of them."""
        return [asked for images in self._out.values() for asked in images]

    def hanging(self, now: float) -> Counter[UUID]:
        """How many of those images have been out for long, of each request."""
        return Counter(
            asked.request_id
            for images in self._out.values()
            for asked, out in images.items()
            if now - out.since >= OVERDUE_LEAST_SECONDS
        )

    def hear(self, news: Iterable[Heard]) -> None:
        """A host that answered is free; an image that came back without an answer leaves its place."""
        by_image = {each.asked: each for each in news}
        for host, images in list(self._out.items()):
            back = [heard for asked in images if not (heard := by_image[asked]).is_out]
            if answered := [images[heard.asked].url for heard in back if heard.is_answered]:
                self._answers(host, answered[0])
                continue
            for heard in back:
                del images[heard.asked]
            if not images:
                del self._out[host]

    def answered_elsewhere(self, hosts: Iterable[str]) -> None:
        """Images that have no place here, as their host takes only so many, were answered."""
        for host in hosts:
            if host in self._fell_silent:
                self._answers(host, self._fell_silent[host].answered_url)

    def hang(self, overdue: Iterable[tuple[str, Asked]], now: float) -> None:
        """A host of which many images hang at once counts as one that has not answered."""
        hosts = defaultdict(list)
        for url, asked in overdue:
            hosts[host_of(url)].append((url, asked))
        for host, images in hosts.items():
            if len(images) >= HANGING_LEAST:
                self._silence(host, images, now)

    def rests(self, url: str, now: float) -> None:
        """An image of this host came back unasked, as a processor leaves it alone. So it counts as one that
        has not answered, until it does; then more of its images may still come that were given back before.
        """
        host = host_of(url)
        if host in self._answering and now - self._rested_at.get(host, -math.inf) <= SAME_REST_SECONDS:
            return
        self._falls_silent(host, now)
        self._rested_at.pop(host, None)
        _remember(self._rested_at, host, now)

    def absence(self, url: str, now: float) -> Absence | None:
        """Of this image's host, if it answered before and is left alone since."""
        if not self._fell_silent:
            return None
        host = host_of(url)
        silent = self._fell_silent.get(host)
        if silent is None or self._rested_at.get(host, -math.inf) < silent.since:
            return None
        return Absence(now - silent.since, silent.answered_url)

    def _falls_silent(self, host: str, now: float) -> None:
        if host in self._answering:
            _remember(self._fell_silent, host, _Silent(now, self._answering.pop(host)))

    def _silence(self, host: str, images: Iterable[tuple[str, Asked]], now: float) -> None:
        self._falls_silent(host, now)
        for url, asked in images:
            if self._has_place(host):
                self._out.setdefault(host, {}).setdefault(asked, _Out(now, url))

    def _has_place(self, host: str) -> bool:
        left = PLACES - sum(map(len, self._out.values()))
        return len(self._out.get(host, ())) < GREED * left

    def _answers(self, host: str, url: str) -> None:
        self._out.pop(host, None)
        self._queues.pop(host, None)
        self._fell_silent.pop(host, None)
        self.called_back.call(host)
        _remember(self._answering, host, url)

    def _wait_seconds(self, host: str, now: float) -> float:
        """Each look is a write: the longer nothing came and the more images wait, the longer is the wait."""
        if len(self._queues) >= KNOWN_HOSTS and host not in self._queues:
            del self._queues[next(iter(self._queues))]
        queue = self._queues.setdefault(host, _Queue(now, now))
        rest = min(max(now - queue.since, SHORTEST_SECONDS), LONGEST_SECONDS)
        queue.last_look = max(queue.last_look + 1 / LOOKS_A_SECOND, now + rest)
        return queue.last_look - now


def _remember(known: dict[str, Known], host: str, what: Known) -> None:
    known[host] = what
    if len(known) > KNOWN_HOSTS:
        del known[next(iter(known))]


def came_back_unasked(code: Code | None, failures: int) -> bool:
    """Whether this image's host rests. Only one that is there answers 429; a 503 may be said before one that
    is not.
    """
    return code is not None and code != TOO_MANY_REQUESTS and not failures


def host_of(url: str) -> str:
    """Scheme, name and port as they are written: enough to tell hosts apart."""
    match = _HOST.match(url)
    return (match[0] if match else url).lower()
