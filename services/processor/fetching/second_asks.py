"""Whether a host that refuses a request would have served the next one all the same (pure). One that takes
only so many a second refuses that, too; one that refuses some at any rate knows nothing of the one before.
"""

from dataclasses import dataclass

SOON = 0.1  # of the time between two requests: a limited host has hardly become ready for another
ENOUGH_SERVED = 4.0
REMEMBERED_ENDS = 60


@dataclass(slots=True)
class SecondAsks:
    """Requests that are sent at once after another was refused."""

    _wanted_at: float | None = None
    _sent_at: float | None = None
    _served: float = 0.0
    _refused: float = 0.0

    def ended(self) -> None:
        """A request of either kind: earlier ones count less and less."""
        self._served *= 1 - 1 / REMEMBERED_ENDS
        self._refused *= 1 - 1 / REMEMBERED_ENDS

    def wants_one(self, sent_at: float, now: float, gap_seconds: float) -> bool:
        """After the refusal of a request of that time. A second ask is not followed by a third."""
        if sent_at == self._sent_at:
            self._refused += 1
            return False
        if now - sent_at > SOON * gap_seconds:
            return False
        self._wanted_at = now
        return True

    def send(self, now: float, gap_seconds: float) -> None:
        if self._wanted_at is None:
            return
        if now - self._wanted_at <= SOON * gap_seconds:
            self._sent_at = now
        else:
            self._refused += 1  # nobody came in time: it is taken for the worse
        self._wanted_at = None

    def shows(self, sent_at: float) -> bool:
        """Whether with this one, which was served, so many were that the host knows no rate."""
        if sent_at != self._sent_at:
            return False
        self._served += 1
        if self._served < max(ENOUGH_SERVED, self._refused):
            return False
        self._served = self._refused = 0.0
        return True
