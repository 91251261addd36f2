"""How many seconds of decoding wait, by what the last turns took for their pixels (pure). By it the processor
takes as much as it soon decodes, and shares the decoders out; it judges no image.
"""

from dataclasses import dataclass, field

FIRST_SECONDS_A_PIXEL = 1e-7  # a photograph as PNG; a JPEG takes a tenth
WEIGHT_OF_LAST = 0.2


@dataclass(slots=True)
class _Kind:
    pixels: int = 0
    seconds_a_pixel: float = FIRST_SECONDS_A_PIXEL


@dataclass(slots=True)
class WorkAhead:
    """Small and large images apart: a pixel of the one says little of a pixel of the other."""

    small_pixels: int
    _small: _Kind = field(default_factory=_Kind)
    _large: _Kind = field(default_factory=_Kind)

    @property
    def seconds(self) -> float:
        return sum(kind.pixels * kind.seconds_a_pixel for kind in (self._small, self._large))

    def seconds_of(self, pixels: int) -> float:
        """What one image of so many is expected to take."""
        return pixels * self._kind(pixels).seconds_a_pixel

    def came(self, pixels: int) -> None:
        self._kind(pixels).pixels += pixels

    def went(self, pixels: int) -> None:
        self._kind(pixels).pixels -= pixels

    def took(self, pixels: int, seconds: float) -> None:
        kind = self._kind(pixels)
        kind.seconds_a_pixel += WEIGHT_OF_LAST * (seconds / pixels - kind.seconds_a_pixel)

    def _kind(self, pixels: int) -> _Kind:
        return self._small if pixels <= self.small_pixels else self._large
