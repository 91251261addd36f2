"""Keeps what was rendered for as long as nothing changed, within so many bytes. It knows neither HTTP nor
Postgres: whoever asks says which version is the current one.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

MOST_BYTES = 32 * 1024 * 1024
LARGEST_SHARE = 8  # one answer may take this part of it
ENTRY_BYTES = 1024  # about what an answer takes besides itself: its key, its version, its place


@dataclass(slots=True)
class AnswerCache:
    """One version of each answer. What was asked for least recently goes first."""

    most_bytes: int = MOST_BYTES
    held_bytes: int = 0
    _answers: OrderedDict[Hashable, tuple[Hashable, bytes]] = field(default_factory=OrderedDict)

    def get(self, key: Hashable, version: Hashable) -> bytes | None:
        known = self._answers.get(key)
        if known is None or known[0] != version:
            return None
        self._answers.move_to_end(key)
        return known[1]

    def put(self, key: Hashable, version: Hashable, answer: bytes) -> None:
        self._forget(key)
        if _size(answer) > self.most_bytes // LARGEST_SHARE:
            return
        self._answers[key] = (version, answer)
        self.held_bytes += _size(answer)
        while self.held_bytes > self.most_bytes:
            self._forget(next(iter(self._answers)))

    def _forget(self, key: Hashable) -> None:
        if key in self._answers:
            self.held_bytes -= _size(self._answers.pop(key)[1])


def _size(answer: bytes) -> int:
    return ENTRY_BYTES + len(answer)
