"""What clients, hosts and receivers of a run noted as it happened: lines of JSON that are only added to.

It knows nothing of how Pixmill works. What a client could not learn because a connection broke has status 0.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

UNKNOWN = 0  # the status of a call whose answer never came: it may have been done
MARK_HEADER = "chaos_mark"  # of a message that was put there to be refused
WENT_AWAY, COME_LATER = "whoever asked went away", "come later"
PATIENCE_SECONDS = 25.0  # a host that took longer for an answer did not serve well, whatever held it up

Wish = Literal["cancel", "retry", "delete", "redeliver"]


class _Note(BaseModel):
    model_config = ConfigDict(frozen=True)

    at: float = Field(default_factory=time.time)  # this machine's clock


class Account(_Note):
    """A tenant of this run, and what only it may know."""

    kind: Literal["account"] = "account"
    tenant: str
    api_key: str
    webhook_secret: str


class Upload(_Note):
    """What a client is about to send, under a name that no other upload has."""

    kind: Literal["upload"] = "upload"
    name: str
    tenant: str
    key: str | None  # its Idempotency-Key
    products: tuple[tuple[str, ...], ...]  # the images of each
    has_webhook: bool
    is_small: bool  # and all of its hosts serve well

    @property
    def urls(self) -> Sequence[str]:
        return [url for product in self.products for url in product]


class Answered(_Note):
    """How one POST of an upload ended."""

    kind: Literal["answered"] = "answered"
    name: str
    status: int
    request_id: str | None


class Wished(_Note):
    """How one call that changes a request ended."""

    kind: Literal["wished"] = "wished"
    request_id: str
    wish: Wish
    status: int


class SeenEnd(_Note):
    """A client read that this run has ended."""

    kind: Literal["seen_end"] = "seen_end"
    request_id: str
    run: int
    state: str


class Heard(_Note):
    """The feed of ends told a tenant of this one."""

    kind: Literal["heard"] = "heard"
    request_id: str
    run: int


class Downloaded(_Note):
    """The output CSV as a client got it after everything had ended."""

    kind: Literal["downloaded"] = "downloaded"
    request_id: str
    status: int
    text: str


class Sent(_Note):
    """How a host answered one GET. Without `wrong` it did all that a good host does."""

    kind: Literal["sent"] = "sent"
    url: str
    sha256: str | None  # of a whole image
    wrong: str | None
    seconds: float  # from the request to the last byte of the answer

    @property
    def host(self) -> str:
        return self.url.rpartition("/")[0]

    @property
    def is_bad(self) -> bool:
        """Who went away, or was told to come later, was not served badly; who waited too long was."""
        return self.wrong not in {None, WENT_AWAY, COME_LATER} or self.seconds > PATIENCE_SECONDS


class NobodyListens(_Note):
    """At this host, from the begin to the end of the run."""

    kind: Literal["nobody_listens"] = "nobody_listens"
    host: str  # the beginning of its URLs


class Trespassed(_Note):
    """Somebody called an address of a network that is not allowed."""

    kind: Literal["trespassed"] = "trespassed"
    path: str


class Posted(_Note):
    """One POST to a receiver, noted before it is answered."""

    kind: Literal["posted"] = "posted"
    path: str
    headers: dict[str, str]  # names in lower case
    body: str  # each character a byte

    @property
    def body_bytes(self) -> bytes:
        return self.body.encode("latin-1")


class Replied(_Note):
    """How a receiver answered a POST; it is not known whether that arrived."""

    kind: Literal["replied"] = "replied"
    webhook_id: str
    status: int


class Struck(_Note):
    """A fault that is over."""

    kind: Literal["struck"] = "struck"
    name: str
    began: float
    healed: float
    ended: float  # everything was ready again
    took_hold: bool = True  # else nothing was there to be struck
    down: tuple[str, ...] = ()  # who was away, frozen, cut off or slowed meanwhile
    poison: tuple[tuple[str, str], ...] = ()  # topic, and the mark that the message bears
    remark: str = ""


class Died(_Note):
    """A process ended that was to go on."""

    kind: Literal["died"] = "died"
    part: str
    how: str
    last_words: str


class Settled(_Note):
    """How waiting for the end of all work ended: with nothing left, or with what is left."""

    kind: Literal["settled"] = "settled"
    left: str | None


class AtRest(_Note):
    """A process of the stack while nothing is to be done."""

    kind: Literal["at_rest"] = "at_rest"
    service: str
    moment: Literal["before", "after"]
    memory_bytes: int
    descriptors: int


class Beat(_Note):
    """How the machine did: how many wanted each core, and how late the loop came on which hosts live."""

    kind: Literal["beat"] = "beat"
    slowness: float
    late_seconds: float


Note = (
    Account
    | Upload
    | Answered
    | Wished
    | SeenEnd
    | Heard
    | Downloaded
    | Sent
    | NobodyListens
    | Trespassed
    | Posted
    | Replied
    | Struck
    | Died
    | Settled
    | AtRest
    | Beat
)
N = TypeVar("N", bound=_Note)

_NOTE: TypeAdapter[Note] = TypeAdapter(Annotated[Note, Field(discriminator="kind")])


class Journal:
    def __init__(self, file: Path) -> None:
        self._lines = file.open("ab", buffering=0)

    def add(self, note: Note) -> None:
        """One write of one line, so that what was noted is kept however this process ends."""
        self._lines.write(_NOTE.dump_json(note) + b"\n")

    def close(self) -> None:
        self._lines.close()


class History:
    """A journal, read."""

    def __init__(self, notes: Iterable[Note]) -> None:
        self._by_kind: dict[type[_Note], list[Any]] = defaultdict(list)
        for note in notes:
            self._by_kind[type(note)].append(note)

    @classmethod
    def read(cls, file: Path) -> "History":
        with file.open("rb") as lines:
            return cls(_NOTE.validate_json(line) for line in lines)

    def of(self, kind: type[N]) -> Sequence[N]:
        return self._by_kind[kind]
