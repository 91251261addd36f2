"""What a flow may ask of the shell that runs it, and what it gets back (pure).

A flow is a generator: it yields an effect and is sent its result. That is how `Client` and `AsyncClient`
share one implementation.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Body(Protocol):
    """What a call carries. It can be read from its beginning as often as the call is tried."""

    content_type: str
    length: int

    def chunks(self) -> Iterator[bytes]:
        """All of it, piece by piece."""


@dataclass(frozen=True)
class Call:
    """One HTTP request. `url` is a path of the server, or a whole address."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    body: Body | None = None
    read_seconds: float | None = None  # None: as the client's patience says
    repeatable: bool = True  # sent twice it does no more than once
    awaits_news: bool = False  # the answer may last for hours: it takes no connection from other calls


@dataclass(frozen=True)
class Answer:
    """`body` is whole after `Send`; after `Open` only where the status is an error."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""


@dataclass(frozen=True)
class Send:
    """Gives an `Answer`; raises `UnreachableError` in the flow."""

    call: Call


@dataclass(frozen=True)
class Open:
    """As `Send`, but the body is left to `Read`. One stream at a time; the next `Open` closes it."""

    call: Call


@dataclass(frozen=True)
class Read:
    """Gives the next bytes of the open stream, b"" at its end; raises `UnreachableError` if it breaks off."""


@dataclass(frozen=True)
class Pause:
    """Gives None after so long. `because` of that the call before did not do."""

    seconds: float
    because: Exception


@dataclass(frozen=True)
class Now:
    """Gives the seconds of a clock that only goes forward."""


@dataclass(frozen=True)
class Emit:
    """Hands a value to whoever iterates over the flow; gives None."""

    value: Any


Effect = Send | Open | Read | Pause | Now | Emit
Flow = Generator[Effect, Any, T]
