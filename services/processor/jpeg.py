"""The short way from JPEG to JPEG: libjpeg-turbo's own pixels, with no Pillow image in between (pure)."""

import simplejpeg

_COLOURS = {"RGB": ("RGB", "420"), "L": ("GRAY", "Gray")}  # by Pillow's mode: colour space, subsampling


def recoded(data: bytes, mode: str, quality: int) -> bytes | None:
    """The same pixels at this quality, or None for a file that is odd in any way: the long way judges it."""
    if mode not in _COLOURS:
        return None
    colour_space, subsampling = _COLOURS[mode]
    try:
        # Repeating each chroma sample, not interpolating, hands the encoder's averaging back what was stored.
        pixels = simplejpeg.decode_jpeg(data, colour_space, fastupsample=True, fastdct=False, strict=True)
    except ValueError:
        return None
    encoded: bytes = simplejpeg.encode_jpeg(
        pixels, quality=quality, colorspace=colour_space, colorsubsampling=subsampling, fastdct=False
    )
    return encoded
