"""Whether a service is alive and ready, and why not."""

import time
from collections.abc import Callable


class Health:
    """Collects why a service is not ready, what rests by decision, and the stalls of what is not alive."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reasons: dict[str, str] = {}
        self._stalls: dict[str, Callable[[], str | None]] = {}
        self._held: dict[str, str] = {}
        self._has_been_ready = False

    def unready(self, part: str, reason: str) -> None:
        self._reasons[part] = reason

    def ready(self, part: str) -> None:
        self._reasons.pop(part, None)

    def hold(self, part: str, reason: str) -> None:
        """The part rests until somebody decides otherwise. A new version must be able to replace it, so this
        makes nothing unready.
        """
        self._held[part] = reason

    def let_go(self, part: str) -> None:
        self._held.pop(part, None)

    def watch(self, part: str, stall: Callable[[], str | None]) -> None:
        """Registers a check that returns why the part no longer makes progress, or None while it does."""
        self._stalls[part] = stall

    def reasons(self) -> dict[str, str]:
        return dict(self._reasons)

    def has_been_ready(self) -> bool:
        """At least once, when somebody asked. What goes away later changes nothing."""
        self._has_been_ready = self._has_been_ready or not self._reasons
        return self._has_been_ready

    def held(self) -> dict[str, str]:
        return dict(self._held)

    def stalls(self) -> dict[str, str]:
        return {part: reason for part, stall in self._stalls.items() if (reason := stall()) is not None}
