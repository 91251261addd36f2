"""When a member that cannot work leaves its group, so that others take its partitions, and when it comes back
(pure). It knows no broker.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from shared.observing.health import Health

LEAVE_AFTER_SECONDS = 30.0  # of trouble without a break: moving partitions about is dearer than a short wait
RETURN_AFTER_SECONDS = 5.0  # without trouble, so that one who comes and goes does not take the others with it


@dataclass(slots=True)
class Attendance:
    """By what this process needs to do the group's work, as parts of its health."""

    clock: Callable[[], float]
    health: Health
    needs: Collection[str]
    is_absent: bool = False  # it has left, and is not back; or has not joined yet
    _unable: bool = False
    _since: float | None = None  # it has been as it is

    def trouble(self) -> str | None:
        """Why it cannot work."""
        reasons = self.health.reasons()
        return next((f"{part}: {reasons[part]}" for part in self.needs if part in reasons), None)

    def should_leave(self) -> bool:
        return self._lasts(unable=True) > LEAVE_AFTER_SECONDS

    def may_return(self) -> bool:
        return self._lasts(unable=False) > RETURN_AFTER_SECONDS

    def stays(self) -> None:
        """Nobody else is there: it looks again after a while."""
        self._since = None

    def _lasts(self, *, unable: bool) -> float:
        """How long it has been able, or unable, without a break; 0 when it is not."""
        now, is_unable = self.clock(), self.trouble() is not None
        if self._since is None or is_unable != self._unable:
            self._unable, self._since = is_unable, now
        return now - self._since if self._unable == unable else 0.0
