"""The patches of a GIF (pure). Pillow, which reads its frames too, fills what a frame leaves with a colour
where every viewer shows it clear.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from services.processor.codec.moving.canvas import Disposal, Patch
from services.processor.stripping.gif import GRAPHIC_CONTROL, HEADER_BYTES, colour_table_bytes, end_of_blocks

_DESCRIPTOR_BYTES = 10
_HAS_CLEAR = 0b1
_INTERLACED, _TABLE = 0b0100_0000, 0b1000_0111
_DISPOSALS = {2: Disposal.BECOMES_CLEAR, 3: Disposal.IS_UNDONE}


@dataclass(frozen=True, slots=True)
class _Control:
    flags: int = 0
    hundredths: int = 0
    clear_entry: int = 0


@dataclass(frozen=True, slots=True)
class _Frame:
    left: int
    top: int
    width: int
    height: int
    flags: int
    table: bytes
    pixels: bytes


def patches_of(data: bytes, decoded: Callable[[bytes], Image.Image]) -> Iterator[Patch]:
    """`decoded` reads a GIF of one picture. Raises IndexError or struct.error for a broken file."""
    for control, frame in _frames(data):
        yield Patch(
            picture=decoded(_gif(control, frame)).convert("RGBA"),
            left=frame.left,
            top=frame.top,
            disposal=_DISPOSALS.get(control.flags >> 2 & 0b111, Disposal.STAYS),
            blends=True,
            milliseconds=10 * control.hundredths,
        )


def _frames(data: bytes) -> Iterator[tuple[_Control, _Frame]]:
    at = HEADER_BYTES + colour_table_bytes(data[10])
    control = _Control()
    while at < len(data):
        match data[at]:
            case 0x3B:  # the trailer
                return
            case 0x21:
                if data[at + 1] == GRAPHIC_CONTROL:
                    control = _Control(*struct.unpack_from("<BHB", data, at + 3))
                at = end_of_blocks(data, at + 2)
            case 0x2C:
                frame, at = _frame(data, at)
                yield control, frame
                control = _Control()
            case _:
                at += 1  # passed over, as by every reader


def _frame(data: bytes, at: int) -> tuple[_Frame, int]:
    """With the table of all frames where it has none of its own."""
    left, top, width, height, flags = struct.unpack_from("<4HB", data, at + 1)
    pixels_at = at + _DESCRIPTOR_BYTES + colour_table_bytes(flags)
    table = data[at + _DESCRIPTOR_BYTES : pixels_at]
    if not table:
        flags = flags & _INTERLACED | data[10] & _TABLE
        table = data[HEADER_BYTES : HEADER_BYTES + colour_table_bytes(data[10])]
    end = end_of_blocks(data, pixels_at + 1)
    return _Frame(left, top, width, height, flags, table, data[pixels_at:end]), end


def _gif(control: _Control, frame: _Frame) -> bytes:
    head = b"GIF89a" + struct.pack("<HH3x", frame.width, frame.height)
    said = struct.pack(
        "<3BBHBx", 0x21, GRAPHIC_CONTROL, 4, control.flags & _HAS_CLEAR, 0, control.clear_entry
    )
    descriptor = struct.pack("<B4HB", 0x2C, 0, 0, frame.width, frame.height, frame.flags)
    return b"".join((head, said, descriptor, frame.table, frame.pixels, b"\x3b"))
