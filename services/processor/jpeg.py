"""The short way from JPEG to JPEG: libjpeg-turbo's own pixels, with no Pillow image in between (pure)."""

from typing import Any

import simplejpeg

_COLOURS = {"RGB": ("RGB", "420"), "L": ("GRAY", "Gray")}  # by Pillow's mode: colour space, subsampling


def pixels_of(data: bytes, mode: str) -> Any | None:
    """The pixels as an array, or None for a file that is odd in any way: the long way judges it."""
    if mode not in _COLOURS:
        return None
    colour_space, _ = _COLOURS[mode]
    try:
        # Repeating each chroma sample, not interpolating, hands the encoder's averaging back what was stored.
        return simplejpeg.decode_jpeg(data, colour_space, fastupsample=True, fastdct=False, strict=True)
    except ValueError:
        return None


def jpeg_of(pixels: Any, mode: str, quality: int) -> bytes:
    colour_space, subsampling = _COLOURS[mode]
    encoded: bytes = simplejpeg.encode_jpeg(
        pixels, quality=quality, colorspace=colour_space, colorsubsampling=subsampling, fastdct=False
    )
    return encoded
