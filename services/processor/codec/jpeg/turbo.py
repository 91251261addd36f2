"""The short way from JPEG to JPEG: libjpeg-turbo's own pixels, with no Pillow image in between (pure)."""

from functools import cache
from typing import Any

from services.processor.codec.headers import frame_at

_MISSING = "remature end"  # of a segment or of the file, as libjpeg-turbo says it
_UNUSUAL_FRAMES = frozenset({0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF})
_JPEG_LS = 0xF7
_USUAL_DEPTH = 8
_COLOURS = {"RGB": ("RGB", "420"), "L": ("GRAY", "Gray")}  # by Pillow's mode: colour space, subsampling


def pixels_of(data: bytes, mode: str) -> Any | None:
    """The pixels as an array, or None for a file that is odd in any way: the long way judges it."""
    if mode not in _COLOURS:
        return None
    colour_space, _ = _COLOURS[mode]
    try:
        # Repeating each chroma sample, not interpolating, hands the encoder's averaging back what was stored.
        return libjpeg_turbo().decode_jpeg(data, colour_space, fastupsample=True, fastdct=False, strict=True)
    except ValueError:
        return None


def jpeg_of(pixels: Any, mode: str, quality: int) -> bytes:
    colour_space, subsampling = _COLOURS[mode]
    encoded: bytes = libjpeg_turbo().encode_jpeg(
        pixels, quality=quality, colorspace=colour_space, colorsubsampling=subsampling, fastdct=False
    )
    return encoded


def misses_pixels(data: bytes) -> bool:
    """Whether pixels are missing although the file has its end: Pillow silently makes them grey.

    Decoding to an eighth reads all of the file and takes next to no memory.
    """
    return _MISSING in (_complaint(data) or "")


def breaks_a_rule(data: bytes) -> bool:
    """Whether libjpeg-turbo finds anything at all to say of it."""
    return _complaint(data) is not None


def _complaint(data: bytes) -> str | None:
    try:
        libjpeg_turbo().decode_jpeg(data, "GRAY", fastdct=True, min_height=1, min_width=1, strict=True)
    except ValueError as error:
        return str(error)
    return None


@cache
def libjpeg_turbo() -> Any:
    """Loaded by the first picture that needs it: NumPy comes with it, which takes longer than all else that a
    child loads.
    """
    import simplejpeg  # noqa: PLC0415

    return simplejpeg


def unusual_kind(data: bytes) -> str | None:
    """The kind of a sound JPEG that no browser shows; None for a usual one."""
    try:
        frame = frame_at(data)
        kind, depth = data[frame + 1], data[frame + 4]
    except (IndexError, ValueError):
        return None
    if kind == _JPEG_LS:
        return "JPEG-LS"
    if kind in _UNUSUAL_FRAMES:
        return "lossless or hierarchical JPEG"
    return None if depth == _USUAL_DEPTH else f"JPEG of {depth} bits"
