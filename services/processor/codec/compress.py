"""From the bytes of an image to a smaller one, or to a failure code (pure; runs in a child process).

What a file breaks in the reader is data; anything else that goes wrong here is meant to end the child.
"""

from dataclasses import replace

from services.processor.codec.encode import encode
from services.processor.codec.jpeg import unusual_kind
from services.processor.codec.mend import with_end
from services.processor.codec.source import Unreadable, open_source
from services.processor.codec.stopwatch import Stopwatch
from services.processor.formats import sniff
from services.processor.stripping.strip import strip_metadata
from services.processor.verdicts import Compressed, Failure
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat


def compress(
    data: bytes, quality: int, wanted: PictureFormat | None, max_pixels: int
) -> Compressed | Failure:
    """The picture at this quality, upright, in sRGB, without metadata, and never larger than it came."""
    picture_format = sniff(data)
    if isinstance(picture_format, Failure):
        return picture_format
    if picture_format is PictureFormat.JPEG:
        if kind := unusual_kind(data):
            return Failure(FailureCode.UNSUPPORTED_FORMAT, f"{kind} is not supported")
        data = with_end(data, max_pixels)
    try:
        return _compress(data, picture_format, quality, wanted, max_pixels)
    except Unreadable as unreadable:
        return unreadable.failure


def _compress(
    data: bytes, picture_format: PictureFormat, quality: int, wanted: PictureFormat | None, max_pixels: int
) -> Compressed:
    target = _target(picture_format, wanted)
    working = Stopwatch()
    with working, open_source(data, picture_format, max_pixels) as source:
        encoded, (width, height) = encode(source, target, quality)
        may_keep = target is picture_format and not source.altered
        loses_frames = picture_format is PictureFormat.PNG and source.frame_count > 1
    compressed = Compressed(
        encoded,
        target,
        width,
        height,
        decode_ms=source.decoding.milliseconds,
        encode_ms=round(working.milliseconds - source.decoding.milliseconds, 2),
    )
    if may_keep and (loses_frames or len(encoded) >= len(data)):
        stripped = strip_metadata(data, picture_format)
        if loses_frames and stripped is None:
            raise Unreadable(Failure(FailureCode.DAMAGED, "its frames are cut off"))
        if stripped is not None and (loses_frames or len(stripped) <= len(encoded)):
            return replace(compressed, data=stripped, recompressed=False)
    return compressed


def _target(picture_format: PictureFormat, wanted: PictureFormat | None) -> PictureFormat:
    """`None` keeps the format; BMP, which nobody should keep, becomes PNG."""
    if wanted is not None:
        return wanted
    return PictureFormat.PNG if picture_format is PictureFormat.BMP else picture_format
