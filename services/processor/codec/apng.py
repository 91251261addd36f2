"""The patches of an animated PNG (pure). Pillow, which reads its frames too, forgets what one that is to be
undone covered, and blends half-clear pixels as if they were masks.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from PIL import Image

from services.processor.codec.canvas import Disposal, Patch

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
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


class _Frame(NamedTuple):
    control: _Control
    pixels: list[bytes]


def patches_of(data: bytes, decoded: Callable[[bytes], Image.Image]) -> Iterator[Patch]:
    """`decoded` reads a PNG of one picture. Raises ValueError, IndexError or struct.error for a broken
    file.
    """
    header, shared, frames = _parts(data)
    for control, pixels in frames:
        yield Patch(
            picture=decoded(_png(control, header, shared, pixels)).convert("RGBA"),
            left=control.left,
            top=control.top,
            disposal=_DISPOSALS[control.disposal],
            blends=bool(control.blends),
            milliseconds=control.milliseconds,
        )


def _parts(data: bytes) -> tuple[bytes, bytes, Sequence[_Frame]]:
    """The header, what all frames share (palette, colours), and the frames."""
    header, shared, frames = b"", b"", list[_Frame]()
    pixels_began = False
    for kind, body in _chunks(data):
        match kind:
            case b"IHDR":
                header = body
            case b"fcTL":
                frames.append(_Frame(_Control(*struct.unpack_from(">4x4I2H2B", body)), []))
            case b"IDAT":
                pixels_began = True
                if frames:  # else it is a cover, and no frame
                    frames[-1].pixels.append(body)
            case b"fdAT":
                frames[-1].pixels.append(body[_SEQUENCE_BYTES:])
            case _ if not pixels_began and kind not in _NOT_OF_A_FRAME:
                shared += _chunk(kind, body)
    return header, shared, frames


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at + 8 : end]
        at = end + 4


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def _png(control: _Control, header: bytes, shared: bytes, pixels: Sequence[bytes]) -> bytes:
    own_header = _chunk(b"IHDR", struct.pack(">II", control.width, control.height) + header[8:])
    return b"".join((_SIGNATURE, own_header, shared, _chunk(b"IDAT", b"".join(pixels)), _chunk(b"IEND", b"")))
