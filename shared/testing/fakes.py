"""The fakes for tests of every service: in-memory stand-ins that keep the promises of the real ports."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from shared.consuming.broker import NewRecord
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import Event
from shared.outcomes import Away
from shared.store import Missing, Writer

E = TypeVar("E", bound=Event)

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def incoming(event: E, headers: Mapping[str, str] | None = None, time: datetime = LONG_AGO) -> Incoming[E]:
    """The event as a handler would receive it."""
    return Incoming(
        event=event,
        time=time,
        value=event.value(),
        headers=headers or {},
        topic=event.TOPIC,
    )


@dataclass
class FakeClock:
    """A monotonic clock that stands still until the test moves it."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class FakeProducer:
    """Collects what is published."""

    published: list[Outgoing] = field(default_factory=list)
    letters: list[NewRecord] = field(default_factory=list)
    away: bool = False

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        if self.away:
            raise Away("broker", "the fake is away")
        self.published.extend(messages)

    async def put_aside(self, letter: NewRecord) -> int:
        if self.away:
            raise Away("broker", "the fake is away")
        self.letters.append(letter)
        return len(self.letters) - 1

    def events(self, kind: type[E]) -> list[E]:
        return [message.event for message in self.published if isinstance(message.event, kind)]


@dataclass
class FakeLag:
    """What waits in a topic, as the test has it."""

    waiting: int = 0
    away: bool = False

    async def read(self) -> int:
        if self.away:
            raise Away("broker", "the fake is away")
        return self.waiting

    async def close(self) -> None: ...


@dataclass
class FakeStore:
    """An object store in memory."""

    objects: dict[str, bytes] = field(default_factory=dict)
    written: dict[str, datetime] = field(default_factory=dict)  # of objects that are not new
    away: bool = False

    def _require(self) -> None:
        if self.away:
            raise Away("store", "the fake is away")

    async def get(self, key: str) -> bytes:
        self._require()
        if key not in self.objects:
            raise Missing(key)
        return self.objects[key]

    async def size(self, key: str) -> int:
        return len(await self.get(key))

    async def stream(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        data = (await self.get(key))[start:stop]
        for offset in range(0, len(data), 65_536):
            yield data[offset : offset + 65_536]

    async def put(self, key: str, data: bytes) -> None:
        self._require()
        self.objects[key] = bytes(data)

    async def put_all(self, objects: Sequence[tuple[str, bytes]]) -> None:
        for key, data in objects:
            await self.put(key, data)

    async def put_new(self, key: str, data: bytes) -> bool:
        self._require()
        if key in self.objects:
            return False
        self.objects[key] = bytes(data)
        return True

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        self._require()
        collected = _Collected()
        yield collected
        await self.put(key, bytes(collected.data))

    async def list(
        self, prefix: str, *, written_before: datetime | None = None
    ) -> AsyncIterator[Sequence[str]]:
        self._require()
        now = datetime.now(UTC)
        yield sorted(
            key
            for key in self.objects
            if key.startswith(prefix)
            and (written_before is None or self.written.get(key, now) < written_before)
        )

    async def folders(self, prefix: str) -> Sequence[str]:
        self._require()
        rests = (key.removeprefix(prefix) for key in self.objects if key.startswith(prefix))
        return sorted({prefix + rest.partition("/")[0] for rest in rests if "/" in rest})

    async def delete(self, keys: Sequence[str]) -> None:
        self._require()
        for key in keys:
            self.objects.pop(key, None)

    async def check(self) -> None:
        self._require()

    async def check_room(self) -> None:
        self._require()


@dataclass
class _Collected:
    data: bytearray = field(default_factory=bytearray)

    async def write(self, data: bytes) -> None:
        self.data.extend(data)
