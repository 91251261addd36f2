"""The broker port: what the runner and the publishers need of Kafka, and nothing of any client library."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.consuming.handling import Outgoing


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    topic: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One message as the broker holds it."""

    partition: Partition
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    timestamp_ms: int
    size_bytes: int = field(init=False)

    def __post_init__(self) -> None:
        parts = (self.key, self.value, *(value for _, value in self.headers))
        object.__setattr__(self, "size_bytes", sum(len(part) for part in parts if part is not None))


@dataclass(frozen=True, slots=True)
class NewRecord:
    """One message for the broker to hold."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class TooLarge(Exception):  # noqa: N818 - a verdict on the message, not an error of ours
    """The broker will never take this message."""


class Producer(Protocol):
    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Returns when all replicas have acknowledged every message; raises `Away` after 8 s, and `TooLarge`
        where no repeat helps.
        """

    async def put_aside(self, letter: NewRecord) -> int:
        """The same for a dead letter. Returns its place in its topic, which has one partition."""


class CommitRefused(Exception):  # noqa: N818 - normal in a rebalance; the messages come again
    """The group moved on while the commit was under way."""


class Rebalance(Protocol):
    """What a consumer tells of its partitions. Both end before the group goes on."""

    async def revoked(self) -> None:
        """All partitions are about to be taken away: finish, commit, forget."""

    async def assigned(self, partitions: Sequence[Partition]) -> None:
        """These partitions are ours until the next `revoked`."""


class Consumer(Protocol):
    """One member of a group. Only what is committed is remembered."""

    async def start(self, listener: Rebalance) -> None:
        """Joins the group; `Away` when the broker does not answer."""

    async def poll(
        self, timeout_seconds: float, max_records: int, full: Collection[Partition] = ()
    ) -> Mapping[Partition, Sequence[Record]]:
        """What has come, at most `max_records`, of the partitions that are not full."""

    def show_presence(self) -> None:
        """Instead of a poll, with no room: a member that does neither for long is put out of its group."""

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Remembers the next offset to read; `CommitRefused` in a rebalance, `Away` without a broker."""

    async def positions(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """The next offset that is polled of each; nothing in a rebalance, `Away` without a broker."""

    async def lag(self) -> int:
        """How many messages of our partitions we have not yet polled; `Away` without a broker."""

    async def stop(self) -> None:
        """Leaves; what was not committed comes again."""


class PauseMemory(Protocol):
    """Remembers over restarts that a group's consumers must not go on until an operator says so."""

    async def remember(self) -> None: ...

    async def is_paused(self) -> bool: ...

    async def clear(self) -> None: ...

    async def close(self) -> None:
        """Nobody looks any more."""


class Membership(Protocol):
    """What one process needs to be a member of a group."""

    @property
    def group(self) -> str: ...

    def consumer(self) -> Consumer:
        """A fresh member, not yet connected."""

    def pause_memory(self) -> PauseMemory: ...

    async def count_members(self) -> int:
        """How many the group has, in all processes; `Away` without a broker."""


Sleep = Callable[[float], Awaitable[None]]
Rest = Callable[[], Awaitable[None]]  # returns when it is time to look for more


async def no_rest() -> None:
    """Looks at once."""
