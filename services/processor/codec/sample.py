"""Chooses the images whose result is compared with its original (pure); `resemblance.py` compares them."""

import zlib

from shared.contract.picture_formats import PictureFormat

ONE_IN = (16, 32)  # the second of formats that take little longer to code than to read
LEAST_QUALITY = 10  # below it what looks different may be right
LEAST_QUALITY_OF_FEW_COLOURS = 50  # of a GIF: with fewer, the nearest colour may be far
_HASHED_BYTES = 1024
_QUICKLY_CODED = frozenset({PictureFormat.JPEG, PictureFormat.GIF})


def is_in_sample(data: bytes, quality: int, picture_format: PictureFormat) -> bool:
    """The same images each time. Of the lowest qualities it says nothing."""
    one_in = ONE_IN[picture_format in _QUICKLY_CODED]
    least = LEAST_QUALITY_OF_FEW_COLOURS if picture_format is PictureFormat.GIF else LEAST_QUALITY
    return quality >= least and zlib.crc32(data[-_HASHED_BYTES:]) % one_in == 0
