"""A picture in RGBA brought to the other modes."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageCms

NO_DITHER = Image.Dither.NONE


def as_mode(mode: str) -> Callable[[Image.Image], Image.Image]:
    by_hand = {
        "1": _black_and_white,
        "LAB": _lab,
        "I;16": _deep,
        "I;16B": _deep_reversed,
        "PA": _palette_alpha,
    }
    if mode in by_hand:
        return by_hand[mode]
    has_alpha = mode in {"LA", "RGBA"}
    return lambda picture: picture.convert(mode) if has_alpha else picture.convert("RGB").convert(mode)


def _black_and_white(picture: Image.Image) -> Image.Image:
    return picture.convert("RGB").convert("1", dither=NO_DITHER)


def _deep(picture: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(picture.convert("RGB").convert("L")).astype(np.uint16) * 257)


def _deep_reversed(picture: Image.Image) -> Image.Image:
    deep = np.asarray(_deep(picture)).astype(">u2")
    return Image.frombytes("I;16B", picture.size, deep.tobytes())


def _palette_alpha(picture: Image.Image) -> Image.Image:
    both = with_palette(picture).convert("PA")
    both.putalpha(picture.getchannel("A"))
    return both


def _lab(picture: Image.Image) -> Image.Image:
    lab = ImageCms.profileToProfile(
        picture.convert("RGB"),
        ImageCms.createProfile("sRGB"),
        ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )
    assert lab is not None
    return lab


def with_palette(picture: Image.Image, colours: int = 64) -> Image.Image:
    return picture.convert("RGB").quantize(colours, dither=NO_DITHER)


def with_alphas(picture: Image.Image) -> Image.Image:
    return picture.quantize(200, Image.Quantize.FASTOCTREE, dither=NO_DITHER)


def with_clear_entry(picture: Image.Image) -> Image.Image:
    """A full palette of which little is used, one entry of it clear: a logo."""
    palette = with_palette(picture, 60).convert("RGB").quantize(60)
    entries = bytes(palette.getpalette() or ())[: 60 * 3]
    spread = Image.fromarray(np.asarray(palette) * np.uint8(4), "P")
    spread.putpalette(
        b"".join(entries[at : at + 3] + bytes(9) for at in range(0, len(entries), 3)) + bytes(48)
    )
    clear = picture.getchannel("A").point([255] * 128 + [0] * 128)
    spread.paste(255, mask=clear)
    spread.info["transparency"] = 255
    return spread
