"""Tells an image's format by its content, never by its name or Content-Type (pure, and cheap)."""

import re

from services.processor.formats.camera_raw import camera_raw
from services.processor.formats.line_ends import CHANGED_PNG
from services.processor.formats.no_image import no_image
from services.processor.formats.others import HEAD_BYTES, other_format
from services.processor.formats.png_chunks import SIGNATURE
from services.processor.verdicts import Failure
from shared.contract.codes import CHANGED_AS_TEXT, FailureCode
from shared.contract.picture_formats import PictureFormat

_SUPPORTED: tuple[tuple[PictureFormat, re.Pattern[bytes]], ...] = (
    (PictureFormat.JPEG, re.compile(rb"\xff\xd8\xff")),
    (PictureFormat.PNG, re.compile(re.escape(SIGNATURE) + b"|" + re.escape(CHANGED_PNG))),
    (PictureFormat.WEBP, re.compile(rb"RIFF....WEBP", re.DOTALL)),
    (PictureFormat.GIF, re.compile(rb"GIF8[79]a")),
    (PictureFormat.BMP, re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", re.DOTALL)),
    (PictureFormat.TIFF, re.compile(rb"II[\x2a\x2b]\x00|MM\x00[\x2a\x2b]")),
)

# A PNG or JPEG whose bytes somebody took for UTF-8, Latin-1, seven bits or lines.
_TAKEN_FOR_TEXT = re.compile(
    rb"(?:\xef\xbf\xbd|\xc2\x89|\xe2\x80\xb0|\x09|\x89)PNG[\r\n]{1,4}\x1a[\r\n]|(?:\xef\xbf\xbd){2,4}|\xc3\xbf\xc3\x98\xc3\xbf"
)

_BOX_FORMAT = re.compile(rb"....ftyp", re.DOTALL)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_BOXED: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("HEIC", re.compile(rb"he[iv][cxms]")),
    ("CR3 (Canon camera raw)", re.compile(rb"crx ")),
    ("JPEG XL", re.compile(rb"jxl ")),
    ("JPEG 2000", re.compile(rb"jp[2xm] |jpxb|jph ")),
    ("HEIF", re.compile(rb"mi[fa]\d|msf1|avc[is]|jpeg|jpgs|j2ki|j2is|evbi|vvic")),
)


def sniff(data: bytes) -> PictureFormat | Failure:
    """The format, or why these bytes are no image that can be processed."""
    head = data[:HEAD_BYTES]
    for source_format, pattern in _SUPPORTED:
        if pattern.match(head):
            return source_format if source_format is not PictureFormat.TIFF else _tiff(data)
    if _BOX_FORMAT.match(head):
        return _sniff_boxes(head)
    name = other_format(data)
    if name is not None:
        return not_supported(name)
    if _TAKEN_FOR_TEXT.match(head):
        return Failure(FailureCode.DAMAGED, CHANGED_AS_TEXT)
    return Failure(FailureCode.NOT_AN_IMAGE, no_image(data))


def not_supported(name: str) -> Failure:
    return Failure(FailureCode.UNSUPPORTED_FORMAT, f"{name} is not supported")


def _tiff(data: bytes) -> PictureFormat | Failure:
    """Cameras keep what their sensor saw in files that begin like a TIFF, often with a small picture in
    front.
    """
    raw = camera_raw(data)
    return PictureFormat.TIFF if raw is None else not_supported(raw)


def _sniff_boxes(head: bytes) -> PictureFormat | Failure:
    """AVIF, HEIC and films share one container; brands tell them apart."""
    length = int.from_bytes(head[:4], "big")
    others = {head[start : start + 4] for start in range(16, min(length, len(head)), 4)}
    brands = (head[8:12], *sorted(others))
    if _AVIF_BRANDS.intersection(brands):
        return PictureFormat.AVIF
    for name, pattern in _BOXED:
        if any(pattern.match(brand) for brand in brands):
            return not_supported(name)
    return Failure(FailureCode.NOT_AN_IMAGE, no_image(head))
