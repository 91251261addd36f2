"""Tells an image's format by its content, never by its name or Content-Type (pure, and cheap)."""

import re

from services.processor.verdicts import Failure
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat

HEAD_BYTES = 1024

_SUPPORTED: tuple[tuple[PictureFormat, re.Pattern[bytes]], ...] = (
    (PictureFormat.JPEG, re.compile(rb"\xff\xd8\xff")),
    (PictureFormat.PNG, re.compile(rb"\x89PNG\r\n\x1a\n")),
    (PictureFormat.WEBP, re.compile(rb"RIFF....WEBP", re.DOTALL)),
    (PictureFormat.GIF, re.compile(rb"GIF8[79]a")),
    (PictureFormat.BMP, re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", re.DOTALL)),
    (PictureFormat.TIFF, re.compile(rb"II[\x2a\x2b]\x00|MM\x00[\x2a\x2b]")),
)

_UNSUPPORTED: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("PDF", re.compile(rb"%PDF")),
    ("PostScript", re.compile(rb"%!PS|\xc5\xd0\xd3\xc6")),
    ("Photoshop", re.compile(rb"8BPS")),
    ("icon", re.compile(rb"\x00\x00[\x01\x02]\x00[\x01-\xff]\x00")),
    ("JPEG 2000", re.compile(rb"\x00\x00\x00\x0cjP  \r\n|\xff\x4f\xff\x51")),
    ("JPEG XL", re.compile(rb"\x00\x00\x00\x0cJXL \r\n|\xff\x0a")),
    ("JPEG XR", re.compile(rb"II\xbc")),
    ("GIMP", re.compile(rb"gimp xcf")),
    ("DirectDraw", re.compile(rb"DDS ")),
    ("Windows metafile", re.compile(rb"\xd7\xcd\xc6\x9a")),
    ("NetPBM", re.compile(rb"P[1-7]\s")),
)

_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_FIRST_ELEMENT = re.compile(rb"<([A-Za-z][A-Za-z:]*)")  # neither <?xml nor <!DOCTYPE nor a comment
_BOX_FORMAT = re.compile(rb"....ftyp", re.DOTALL)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


def sniff(data: bytes) -> PictureFormat | Failure:
    """The format, or why these bytes are no image that can be processed."""
    head = data[:HEAD_BYTES]
    for source_format, pattern in _SUPPORTED:
        if pattern.match(head):
            return source_format
    if _BOX_FORMAT.match(head):
        return _sniff_boxes(head)
    for name, pattern in _UNSUPPORTED:
        if pattern.match(head):
            return Failure(FailureCode.UNSUPPORTED_FORMAT, f"{name} is not supported")
    if _is_svg(head):
        return Failure(FailureCode.UNSUPPORTED_FORMAT, "SVG is not supported")
    return Failure(
        FailureCode.NOT_AN_IMAGE, "the answer is empty" if not data else "the answer is no known image format"
    )


def _is_svg(head: bytes) -> bool:
    element = _FIRST_ELEMENT.search(head) if _MARKUP.match(head) else None
    return element is not None and element[1].rpartition(b":")[2] == b"svg"


def _sniff_boxes(head: bytes) -> PictureFormat | Failure:
    """AVIF, HEIC and films share one container; brands tell them apart."""
    length = int.from_bytes(head[:4], "big")
    brands = {head[start : start + 4] for start in range(8, min(length, len(head)), 4)}
    if brands & _AVIF_BRANDS:
        return PictureFormat.AVIF
    brand = head[8:12]
    if brand.startswith((b"he", b"mif1", b"msf1", b"crx", b"jxl", b"avci")):
        return Failure(FailureCode.UNSUPPORTED_FORMAT, "HEIF is not supported")
    return Failure(FailureCode.NOT_AN_IMAGE, "the answer is a film or another container, no image")
