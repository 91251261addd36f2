"""How much of a picture that breaks off was there, in words for people (pure). It is asked only of damaged
files.
"""

import io
from contextlib import suppress

from PIL import Image, ImageChops

from services.processor.codec.jpeg.scans import scans_of
from services.processor.codec.pillow_errors import reading
from services.processor.codec.png.pixels import header_of, inflated
from services.processor.verdicts import Unreadable
from shared.contract.codes import BREAKS_OFF
from shared.contract.picture_formats import PictureFormat

_END_OF_JPEG = b"\xff\xd9"
_UNTOUCHED = 77  # a grey that no decoder leaves over a whole line


def extent(data: bytes, picture_format: PictureFormat, max_pixels: int) -> str | None:
    """None where it does not break off, or where that cannot be told."""
    match picture_format:
        case PictureFormat.JPEG:
            return _jpeg_extent(data, max_pixels)
        case PictureFormat.PNG:
            return _png_extent(data, max_pixels)
        case _:
            return None


def _jpeg_extent(data: bytes, max_pixels: int) -> str | None:
    scans = scans_of(data)
    if scans is None or scans.count == 0:
        return None
    if scans.are_several:
        return f"{BREAKS_OFF} in pass {scans.count} of several, which go from coarse to fine"
    try:
        with reading():
            lines, height = _lines_of_jpeg(data.removesuffix(_END_OF_JPEG), max_pixels)
    except Unreadable:
        return None
    return _share(lines, height, "lines") if lines < height else None


def _lines_of_jpeg(data: bytes, max_pixels: int) -> tuple[int, int]:
    """How many lines are decoded before the file ends, and how many there should be."""
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        if image.width * image.height > max_pixels:
            return image.height, image.height
        untouched = Image.new(image.mode, image.size, (_UNTOUCHED,) * len(image.getbands()))
        image.im = untouched.im.copy()
        with suppress(OSError):
            image.load()
        image.tile = []  # what there is, is read
        box = ImageChops.difference(image, untouched).getbbox(alpha_only=False)
        return box[3] if box else 0, image.height


def _png_extent(data: bytes, max_pixels: int) -> str | None:
    header = header_of(data)
    if header is None or header.width * header.height > max_pixels:
        return None
    whole = header.bytes_of_pixels
    there = inflated(data, whole).size
    if there >= whole:
        return None
    of_what = "pixels" if header.is_interlaced else "lines"
    return _share(there * header.height // whole, header.height, of_what)


def _share(there: int, whole: int, of_what: str) -> str:
    percent = 100 * there // whole
    how_much = f"only the first {percent} %" if percent else "less than 1 %"
    return f"{BREAKS_OFF}: {how_much} of its {of_what} were there"
