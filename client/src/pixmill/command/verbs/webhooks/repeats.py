"""Recognises for `tap` and `listen` what came before, by the latest ids; older ones are forgotten."""

from collections import OrderedDict

MOST_REMEMBERED = 100_000
"""Some 15 MB. What is told twice comes within moments or, after a restart of its sender, within minutes."""


class Repeats:
    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def is_one(self, event_id: str) -> bool:
        """Whether it came before; from now on it did."""
        if event_id in self._ids:
            return True
        self._ids[event_id] = None
        if len(self._ids) > MOST_REMEMBERED:
            self._ids.popitem(last=False)
        return False
