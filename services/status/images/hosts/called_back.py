"""Remembers which images wait for a place at a host, so that they are asked for as soon as it answers, and
not each at the time at which it would have been looked at again (pure).
"""

from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.status.images.hosts.image_set import ImageSet

REMEMBERED_IMAGES = 500_000  # 5 bytes each where most of a request wait, 175 where one in 256 does
FORGOTTEN_IMAGES = 500  # at once: all of a large host would hold up everything else

_Ordinals = dict[UUID, "array[int]"]  # of each request


@dataclass(slots=True)
class CalledBack:
    """What is not remembered any more comes at its time. Who does not exist any more, or was asked for
    meanwhile, may be among them.
    """

    _waiting: dict[str, _Ordinals] = field(default_factory=dict)  # by host, who waits for the longest first
    _called: deque[tuple[UUID, "array[int]"]] = field(default_factory=deque)
    _remembered: ImageSet = field(default_factory=ImageSet)  # all of these, each once

    def wait(self, host: str, request_id: UUID, ordinal: int) -> None:
        """An image that is looked at again and finds no place again waits already."""
        if not self._remembered.add(request_id, ordinal):
            return
        self._waiting.setdefault(host, {}).setdefault(request_id, array("i")).append(ordinal)
        while len(self._remembered) > REMEMBERED_IMAGES and self._waiting:
            self._forget_some()

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
        for request_id, ordinal in taken:
            self._remembered.remove(request_id, ordinal)
        return taken

    def _forget_some(self) -> None:
        """The first of the host that has been silent for the longest."""
        host, requests = next(iter(self._waiting.items()))
        request_id, ordinals = next(iter(requests.items()))
        for ordinal in ordinals[:FORGOTTEN_IMAGES]:
            self._remembered.remove(request_id, ordinal)
        del ordinals[:FORGOTTEN_IMAGES]
        if not ordinals:
            del requests[request_id]
        if not requests:
            del self._waiting[host]
