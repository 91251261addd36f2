"""Logs once that a dependency is away, and once that it is back. It asks nobody, and decides nothing."""

from shared.observing.logs import Action, log
from shared.outcomes import Away


class Contact:
    """Of one part of a service with what it needs."""

    def __init__(self, **part: str) -> None:
        self._part = part  # its name, as the log tells it
        self._told = set[frozenset[tuple[str, str]]]()  # what is missing, since something is

    def lost(self, *, reason: str, **missing: str) -> None:
        """Whatever else is missed by then is told too: `missing` says what. A reason may read otherwise each
        time, so another one alone is not news.
        """
        if (what := frozenset(missing.items())) not in self._told:
            log.warning(Action.DEPENDENCY_AWAY, **self._part, **missing, reason=reason)
        self._told.add(what)

    def away(self, away: Away) -> None:
        self.lost(dependency=away.dependency, reason=away.reason)

    def found(self) -> None:
        if self._told:
            log.info(Action.DEPENDENCY_BACK, **self._part)
        self._told.clear()
