"""The patches of an animated PNG (pure). Pillow, which reads its frames too, forgets what one that is to be
undone covered, and blends half-clear pixels as if they were masks.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from PIL import Image

from services.processor.codec.moving.canvas import Disposal, Patch
from services.processor.formats.png_chunks import SIGNATURE, chunks, has_right_checksum, written

_DISPOSALS = (Disposal.STAYS, Disposal.BECOMES_CLEAR, Disposal.IS_UNDONE)
_USUAL_DENOMINATOR = 100
_SEQUENCE_BYTES = 4
_NOT_OF_A_FRAME = frozenset({b"IHDR", b"acTL", b"fcTL", b"eXIf"})


class _Control(NamedTuple):
    width: int
    height: int
    left: int
    top: int
    numerator: int
    denominator: int
    disposal: int
    blends: int

    @property
    def milliseconds(self) -> int:
        return round(1000 * self.numerator / (self.denominator or _USUAL_DENOMINATOR))

    def is_within(self, width: int, height: int) -> bool:
        """As PNG demands; browsers show no other."""
        return self.left + self.width <= width and self.top + self.height <= height


class _Frame(NamedTuple):
    control: _Control
    pixels: list[bytes]


def patches_of(data: bytes, decoded: Callable[[bytes], Image.Image], *, start: int = 0) -> Iterator[Patch]:
    """`decoded` reads a PNG of one picture. Of the frames before `start` it reads none, as they have been
    read. Raises ValueError, IndexError or struct.error for a broken file.
    """
    header, shared, frames = _parts(data)
    if not all(frame.pixels for frame in frames[:start]):
        raise ValueError("a frame has no pixels")
    for control, pixels in frames[start:]:
        yield Patch(
            picture=decoded(_png(control, header, shared, pixels)).convert("RGBA"),
            left=control.left,
            top=control.top,
            disposal=_DISPOSALS[control.disposal],
            blends=bool(control.blends),
            milliseconds=control.milliseconds,
        )


def has_frames(data: bytes) -> bool:
    """A file may say that it moves, and hold one picture all the same."""
    return any(chunk.kind == b"fcTL" for chunk in chunks(data))


def _parts(data: bytes) -> tuple[bytes, bytes, Sequence[_Frame]]:
    """The header, what all frames share (palette, colours), and the frames."""
    header, shared, frames = b"", b"", list[_Frame]()
    pixels_began = False
    for chunk in chunks(data):
        kind, body = chunk.kind, data[chunk.body]
        match kind:
            case b"IHDR":
                header = body
            case b"fcTL":
                control = _Control(*struct.unpack_from(">4x4I2H2B", body))
                if not control.is_within(*struct.unpack_from(">II", header)):
                    raise ValueError("a frame is beyond the edges of its picture")
                frames.append(_Frame(control, []))
            case b"IDAT":
                pixels_began = True
                if frames:  # else it is a cover, and no frame
                    frames[-1].pixels.append(body)
            case b"fdAT":
                if not has_right_checksum(data, chunk):  # of other chunks Pillow looks
                    raise ValueError("a frame has a wrong checksum")
                frames[-1].pixels.append(body[_SEQUENCE_BYTES:])
            case _ if not pixels_began and kind not in _NOT_OF_A_FRAME:
                shared += written(kind, body)
    return header, shared, frames


def _png(control: _Control, header: bytes, shared: bytes, pixels: Sequence[bytes]) -> bytes:
    own_header = written(b"IHDR", struct.pack(">II", control.width, control.height) + header[8:])
    own_pixels = written(b"IDAT", b"".join(pixels))
    return b"".join((SIGNATURE, own_header, shared, own_pixels, written(b"IEND", b"")))
