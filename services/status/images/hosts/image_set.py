"""A set of images that takes few bytes where many of them are of one request (pure)."""

from dataclasses import dataclass, field
from uuid import UUID

_BLOCK = 256  # ordinals that one number holds, a bit each


@dataclass(slots=True)
class ImageSet:
    _blocks: dict[tuple[UUID, int], int] = field(default_factory=dict)  # none of them empty
    _images: int = 0

    def __len__(self) -> int:
        return self._images

    def add(self, request_id: UUID, ordinal: int) -> bool:
        """Whether it was not there yet."""
        place, bit = (request_id, ordinal // _BLOCK), 1 << ordinal % _BLOCK
        bits = self._blocks.get(place, 0)
        if bits & bit:
            return False
        self._blocks[place] = bits | bit
        self._images += 1
        return True

    def remove(self, request_id: UUID, ordinal: int) -> None:
        """One that is there."""
        place, bit = (request_id, ordinal // _BLOCK), 1 << ordinal % _BLOCK
        self._blocks[place] -= bit
        self._images -= 1
        if not self._blocks[place]:
            del self._blocks[place]
