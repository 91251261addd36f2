"""When a consumer last showed that it lives, and when that is too long ago. It knows no broker.

A consumer that sits still for a while is connected anew. Where a new connection does not help, it is not
alive.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

STALL_SECONDS = 20.0  # lag, free slots, healthy dependencies, and nothing comes: connect anew
UNANSWERED_SECONDS = 30.0  # every call of one kind has failed for so long: connect anew; producers do too
DEAD_SECONDS = 60.0  # the same for so long, or a poll loop that does not turn: not alive


@dataclass(slots=True)
class Progress:
    clock: Callable[[], float]
    _turned_at: float = 0.0
    _moved_at: float = 0.0  # of this connection's last record, or good reason for none
    _fed_at: float = 0.0  # the same, but a new connection is no progress
    _unanswered_since: dict[str, float] = field(default_factory=dict)  # by kind of call, on this connection

    def fed(self) -> None:
        """Something came, or there is a good reason why nothing does."""
        self._moved_at = self._fed_at = self.clock()

    def begun(self) -> None:
        """Also when there is no broker yet."""
        self.fed()
        self.turned()

    def connected(self) -> None:
        self._moved_at = self.clock()
        self._unanswered_since.clear()

    def answered(self, call: str) -> None:
        self._unanswered_since.pop(call, None)

    def unanswered(self, call: str) -> None:
        """The broker is away, or it is back and this client does not find it again."""
        self._unanswered_since.setdefault(call, self.clock())

    def turned(self) -> None:
        self._turned_at = self.clock()

    @property
    def is_stalled(self) -> bool:
        """Whether a new connection is called for."""
        now = self.clock()
        is_cut_off = any(now - since > UNANSWERED_SECONDS for since in self._unanswered_since.values())
        return is_cut_off or now - self._moved_at > STALL_SECONDS

    def fault(self) -> str | None:
        """Why the consumer is not alive."""
        now = self.clock()
        if now - self._turned_at > DEAD_SECONDS:
            return f"the poll loop has not turned for {now - self._turned_at:.0f} s"
        if now - self._fed_at > DEAD_SECONDS:
            return f"there is lag and nothing has come for {now - self._fed_at:.0f} s"
        return None
