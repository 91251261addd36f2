"""Moving pictures written by hand, each frame a patch with its own way to go and to blend, and what is to be
seen of them, drawn by the standards' words.
"""

import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

import numpy as np
from PIL import Image

from tests.worlds.colour.modes import with_clear_entry
from tests.worlds.colour.seen import Shown
from tests.worlds.files.pictures import png_chunk, saved


class Disposal(Enum):
    STAYS = auto()
    CLEARED = auto()
    UNDONE = auto()  # what was there before comes back


@dataclass(frozen=True)
class Patch:
    picture: Image.Image  # RGBA
    at: tuple[int, int] = (0, 0)
    disposal: Disposal = Disposal.STAYS
    blends: bool = True
    milliseconds: int = 100


def played(size: tuple[int, int], patches: Sequence[Patch]) -> list[Shown]:
    canvas = Image.new("RGBA", size, (0, 0, 0, 0))
    shown = []
    for patch in patches:
        before = canvas.copy()
        area = (*patch.at, patch.at[0] + patch.picture.width, patch.at[1] + patch.picture.height)
        if patch.blends:
            canvas.alpha_composite(patch.picture, patch.at)
        else:
            canvas.paste(patch.picture, area)
        shown.append(Shown(canvas.copy(), patch.milliseconds))
        match patch.disposal:
            case Disposal.CLEARED:
                canvas.paste((0, 0, 0, 0), area)
            case Disposal.UNDONE:
                canvas = before
            case Disposal.STAYS:
                pass
    return shown


def apng(size: tuple[int, int], patches: Sequence[Patch], cover: Image.Image | None = None) -> bytes:
    """The cover is shown where nothing moves, and is none of the frames."""
    disposals = {Disposal.STAYS: 0, Disposal.CLEARED: 1, Disposal.UNDONE: 2}
    header = struct.pack(">IIBBBBB", *size, 8, 6, 0, 0, 0)
    chunks = [png_chunk(b"IHDR", header), png_chunk(b"acTL", struct.pack(">II", len(patches), 0))]
    if cover is not None:
        chunks.append(png_chunk(b"IDAT", _rows(cover)))
    sequence = 0
    for number, patch in enumerate(patches):
        control = struct.pack(
            ">IIIIIHHBB",
            *(sequence, *patch.picture.size, *patch.at, patch.milliseconds, 1000),
            *(disposals[patch.disposal], patch.blends),
        )
        sequence += 1
        chunks.append(png_chunk(b"fcTL", control))
        if number == 0 and cover is None:
            chunks.append(png_chunk(b"IDAT", _rows(patch.picture)))
        else:
            chunks.append(png_chunk(b"fdAT", struct.pack(">I", sequence) + _rows(patch.picture)))
            sequence += 1
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + png_chunk(b"IEND", b"")


def _rows(picture: Image.Image) -> bytes:
    return zlib.compress(b"".join(b"\0" + row.tobytes() for row in np.asarray(picture)))


def webp(size: tuple[int, int], patches: Sequence[Patch]) -> bytes:
    body = _riff(b"VP8X", bytes((0b10010, 0, 0, 0)) + _three(size[0] - 1) + _three(size[1] - 1))
    body += _riff(b"ANIM", bytes(6))
    for patch in patches:
        coded = saved(patch.picture, "WEBP", lossless=True, exact=True)
        control = b"".join(
            map(
                _three,
                (patch.at[0] // 2, patch.at[1] // 2, patch.picture.width - 1, patch.picture.height - 1),
            )
        )
        flags = (not patch.blends) << 1 | (patch.disposal is Disposal.CLEARED)
        body += _riff(b"ANMF", control + _three(patch.milliseconds) + bytes((flags,)) + coded[12:])
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")


def gif(size: tuple[int, int], patches: Sequence[Patch]) -> bytes:
    """Each frame with a palette of its own; its pixels are clear or opaque, and always blend."""
    disposals = {Disposal.STAYS: 1, Disposal.CLEARED: 2, Disposal.UNDONE: 3}
    out = b"GIF89a" + struct.pack("<HHBBB", *size, 0, 0, 0) + b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    for patch in patches:
        indexed = with_clear_entry(patch.picture)
        palette = bytes(indexed.getpalette() or ()).ljust(768, b"\0")
        coded = saved(_without_hints(indexed), "GIF", optimize=False, interlace=False)
        start = coded.index(b"\x2c", 13 + 3 * 2 ** ((coded[10] & 7) + 1))
        pixels = coded[start + 10 : -1]
        # Programs say which entry only where it is used.
        has_clear = 0 in patch.picture.getchannel("A").tobytes()
        out += b"\x21\xf9\x04" + bytes((disposals[patch.disposal] << 2 | has_clear,))
        out += struct.pack("<HBB", patch.milliseconds // 10, 255, 0)
        out += b"\x2c" + struct.pack("<HHHHB", *patch.at, *patch.picture.size, 0x87) + palette + pixels
    return out + b"\x3b"


def _without_hints(indexed: Image.Image) -> Image.Image:
    """With all 256 entries in use for Pillow, so that it leaves the indices as they are."""
    plain = indexed.copy()
    plain.info = {}
    plain.putpalette([level for entry in range(256) for level in (entry, entry ^ 255, entry ^ 170)])
    return plain


def in_gif(patches: Sequence[Patch]) -> list[Patch]:
    """As a GIF can hold them."""
    return [
        Patch(
            with_clear_entry(patch.picture).convert("RGBA"),
            patch.at,
            patch.disposal,
            True,
            patch.milliseconds,
        )
        for patch in patches
    ]


def in_webp(patches: Sequence[Patch]) -> list[Patch]:
    """It knows no way to bring back what was there before."""
    return [
        replace(patch, disposal=Disposal.STAYS) if patch.disposal is Disposal.UNDONE else patch
        for patch in patches
    ]


Write = Callable[[tuple[int, int], Sequence[Patch]], bytes]
MOVING: Mapping[str, Write] = {"apng": apng, "webp": webp, "gif": gif}
HOLDS: Mapping[str, Callable[[Sequence[Patch]], Sequence[Patch]]] = {
    "apng": list,
    "webp": in_webp,
    "gif": in_gif,
}
