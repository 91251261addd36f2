"""Which images wait for a place at a host, so that they are asked for as soon as it answers, and not each at
the time at which it would have been looked at again (pure).
"""

from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

REMEMBERED_IMAGES = 500_000  # 4 bytes each; what is not remembered any more comes at its time

_Ordinals = dict[UUID, "array[int]"]  # of each request


@dataclass(slots=True)
class CalledBack:
    """Who does not exist any more, or was asked for meanwhile, may be among them."""

    _waiting: dict[str, _Ordinals] = field(default_factory=dict)  # by host, who waits for the longest first
    _called: deque[tuple[UUID, "array[int]"]] = field(default_factory=deque)
    _remembered: int = 0

    def wait(self, host: str, request_id: UUID, ordinal: int) -> None:
        self._waiting.setdefault(host, {}).setdefault(request_id, array("i")).append(ordinal)
        self._remembered += 1
        while self._remembered > REMEMBERED_IMAGES and self._waiting:
            self._remembered -= sum(map(len, self._waiting.pop(next(iter(self._waiting))).values()))

    def call(self, host: str) -> None:
        """It has answered."""
        self._called.extend(self._waiting.pop(host, {}).items())

    def take(self, most_images: int) -> Sequence[tuple[UUID, int]]:
        """The next of those that were called, each of them once."""
        taken: list[tuple[UUID, int]] = []
        while self._called and len(taken) < most_images:
            request_id, ordinals = self._called.popleft()
            cut = most_images - len(taken)
            taken += ((request_id, ordinal) for ordinal in ordinals[:cut])
            if left := ordinals[cut:]:
                self._called.appendleft((request_id, left))
        self._remembered -= len(taken)
        return taken
