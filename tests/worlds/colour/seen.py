"""What people see of an image file, judged by plain Pillow and the standards' formulas alone: upright, in
sRGB, each frame as long as it is shown, before white and before black. It knows nothing of our code.
"""

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps, ImageSequence

from tests.worlds.colour.spaces import (
    PRIMARIES,
    SRGB,
    TRANSFERS,
    Numbers,
    as_srgb,
    gamma_to_light,
    srgb_to_light,
)

CELL = 16  # pixels: colours are compared by the means of such squares
EDGE = 4  # of a square, left out: codecs share colours between neighbours
GROUNDS = (255, 0)
PNG_DEPTH_AT = 24


@dataclass(frozen=True)
class Shown:
    picture: Image.Image  # RGBA
    milliseconds: int = 0


def seen(data: bytes) -> list[Shown]:
    """All frames or pages."""
    with Image.open(io.BytesIO(data)) as file:
        return [_shown(frame, data) for frame in ImageSequence.Iterator(file)]


def distance(before: Sequence[Shown], after: Sequence[Shown]) -> float:
    """How far the farthest square is, in the colour that is farthest, on the worse ground: 0 to 255."""
    return max(
        float(np.abs(_squares(one, ground) - _squares(other, ground)).max())
        for one, other in _shown_together(before, after)
        for ground in GROUNDS
    )


def _shown(frame: Image.Image, data: bytes) -> Shown:
    frame.load()
    milliseconds = int(frame.info.get("duration", 0))
    coloured = _coloured(frame, data)
    lies_upright = frame.format == "WEBP"  # of which browsers heed no orientation
    return Shown(coloured if lies_upright else ImageOps.exif_transpose(coloured), milliseconds)


def _coloured(frame: Image.Image, data: bytes) -> Image.Image:
    picture = _eight_bits(frame)
    clear = frame.info.get("transparency")
    # Pillow keeps the upper eight bits of the pixels.
    if isinstance(clear, tuple) and data[PNG_DEPTH_AT] == 16:
        picture.info["transparency"] = tuple(level >> 8 for level in clear)
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    if picture.mode == "P":
        picture = picture.convert("RGBA").convert("RGB")
    cicp = _cicp(data)
    profile = frame.info.get("icc_profile")
    if cicp is not None:
        primaries, transfer = cicp
        coloured = _by_formula(picture, TRANSFERS.get(transfer, srgb_to_light), PRIMARIES[primaries])
    elif picture.mode == "LAB":
        coloured = _by_profile(picture, ImageCms.createProfile("LAB"))
    elif profile:
        coloured = _by_profile(picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    elif frame.format == "PNG" and "srgb" not in frame.info and {"gamma", "chromaticity"} & frame.info.keys():
        gamma = gamma_to_light(1 / frame.info["gamma"]) if frame.info.get("gamma") else srgb_to_light
        coloured = _by_formula(picture, gamma, frame.info.get("chromaticity", (0, 0, *SRGB))[2:])
    else:
        coloured = picture.convert("RGB")
    if alpha is not None:
        coloured.putalpha(alpha)
    coloured = coloured.convert("RGBA")
    coloured.info = {"exif": frame.info["exif"]} if "exif" in frame.info else {}
    if frame.getexif().get(0x0112, 1) != 1:
        coloured.getexif()[0x0112] = frame.getexif()[0x0112]
    return coloured


def _eight_bits(frame: Image.Image) -> Image.Image:
    if not frame.mode.startswith("I;16"):
        return frame.copy()
    deep = np.asarray(frame).astype(np.uint16)
    grey = Image.fromarray((deep >> 8).astype(np.uint8), "L")
    clear = frame.info.get("transparency")
    if clear is not None:
        grey.putalpha(Image.fromarray(np.where(deep == clear, 0, 255).astype(np.uint8), "L"))
    return grey


def _by_profile(picture: Image.Image, profile: Any) -> Image.Image:
    modes = {"LAB": "LAB", "CMYK": "CMYK", "L": "L", "LA": "L"}
    opaque = picture.convert(modes.get(picture.mode, "RGB"))
    toned = ImageCms.profileToProfile(
        opaque,
        profile,
        ImageCms.createProfile("sRGB"),
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        "RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert toned is not None
    return toned


def _by_formula(picture: Image.Image, transfer: object, primaries: Sequence[float]) -> Image.Image:
    pixels = np.asarray(picture.convert("RGB")).astype(np.float64)
    shown = as_srgb(pixels, transfer, primaries)  # type: ignore[arg-type] # a curve
    return Image.fromarray(np.rint(shown).astype(np.uint8), "RGB")


def _cicp(data: bytes) -> tuple[int, int] | None:
    """Primaries and transfer, as a PNG or an AVIF says them; None where nothing or nothing known is said."""
    found: tuple[int, int] | None = None
    if (at := data.find(b"cICP")) > 0 and data.startswith(b"\x89PNG"):
        found = (data[at + 4], data[at + 5])
    if data[4:8] == b"ftyp" and (at := data.find(b"colrnclx")) > 0 and b"colrprof" not in data:
        found = struct.unpack_from(">HH", data, at + 8)
    return found if found is not None and found[0] in PRIMARIES else None


def _shown_together(before: Sequence[Shown], after: Sequence[Shown]) -> Iterator[tuple[Shown, Shown]]:
    """What is to be seen in the middle of each frame's time; of still pictures, one after another."""
    if len(before) == 1 or not all(shown.milliseconds for shown in before):
        yield from zip(before, after, strict=True)
        return
    start = 0
    for one in before:
        yield one, _at(after, start + one.milliseconds / 2)
        start += one.milliseconds


def _at(shown: Sequence[Shown], milliseconds: float) -> Shown:
    for one in shown:
        if milliseconds < one.milliseconds:
            return one
        milliseconds -= one.milliseconds
    return shown[-1]


def _squares(shown: Shown, ground: int) -> Numbers:
    """The mean colour of the middle of each whole square."""
    pixels = np.asarray(shown.picture).astype(np.float64)
    alpha = pixels[..., 3:] / 255
    visible = pixels[..., :3] * alpha + ground * (1 - alpha)
    rows, columns = max(1, visible.shape[0] // CELL), max(1, visible.shape[1] // CELL)
    if min(visible.shape[:2]) < CELL:
        mean: Numbers = visible.mean(axis=(0, 1), keepdims=True)
        return mean
    squares = visible[: rows * CELL, : columns * CELL].reshape(rows, CELL, columns, CELL, 3)
    middle: Numbers = squares[:, EDGE : CELL - EDGE, :, EDGE : CELL - EDGE].mean(axis=(1, 3))
    return middle
