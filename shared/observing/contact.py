"""Logs once that a dependency is away, and once that it is back. It asks nobody, and decides nothing."""

from shared.observing.logs import Action, log


class Contact:
    """Of one part of a service with what it needs."""

    def __init__(self, **part: str) -> None:
        self._part = part  # its name, as the log tells it
        self._is_lost = False

    def lost(self, **why: str) -> None:
        if not self._is_lost:
            log.warning(Action.DEPENDENCY_AWAY, **self._part, **why)
        self._is_lost = True

    def found(self) -> None:
        if self._is_lost:
            log.info(Action.DEPENDENCY_BACK, **self._part)
        self._is_lost = False
