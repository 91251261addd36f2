"""From the bytes of an image to a smaller one, or to a failure code (pure; runs in a child process).

An exception that a file causes in the reader is a verdict on the file; any other is meant to end the child.
"""

from dataclasses import dataclass, replace

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
    try:
        file = _recognised(data)
        file = _mended(file, max_pixels)
        encoded = _encoded(file, _target(file.format, wanted), quality, max_pixels)
        return _never_larger(encoded, file)
    except Unreadable as unreadable:
        return unreadable.failure


@dataclass(frozen=True, slots=True)
class _File:
    data: bytes
    format: PictureFormat


@dataclass(frozen=True, slots=True)
class _Encoded:
    output: Compressed
    may_keep_input: bool  # it shows the same pixels in the same format
    loses_frames: bool


def _recognised(data: bytes) -> _File:
    picture_format = sniff(data)
    if isinstance(picture_format, Failure):
        raise Unreadable(picture_format)
    kind = unusual_kind(data) if picture_format is PictureFormat.JPEG else None
    if kind is not None:
        raise Unreadable(Failure(FailureCode.UNSUPPORTED_FORMAT, f"{kind} is not supported"))
    return _File(data, picture_format)


def _mended(file: _File, max_pixels: int) -> _File:
    if file.format is not PictureFormat.JPEG:
        return file
    return _File(with_end(file.data, max_pixels), file.format)


def _target(picture_format: PictureFormat, wanted: PictureFormat | None) -> PictureFormat:
    """`None` keeps the format; BMP, which nobody should keep, becomes PNG."""
    if wanted is not None:
        return wanted
    return PictureFormat.PNG if picture_format is PictureFormat.BMP else picture_format


def _encoded(file: _File, target: PictureFormat, quality: int, max_pixels: int) -> _Encoded:
    working = Stopwatch()
    with working, open_source(file.data, file.format, max_pixels) as source:
        data, (width, height) = encode(source, target, quality)
    decode_ms = source.decoding.milliseconds
    return _Encoded(
        Compressed(
            data=data,
            format=target,
            width=width,
            height=height,
            decode_ms=decode_ms,
            encode_ms=round(working.milliseconds - decode_ms, 2),
        ),
        may_keep_input=target is file.format and not source.altered,
        loses_frames=file.format is PictureFormat.PNG and source.frame_count > 1,
    )


def _never_larger(encoded: _Encoded, file: _File) -> Compressed:
    """The input without its metadata where that is no larger, or the only one that has all frames."""
    output, must_keep = encoded.output, encoded.loses_frames
    is_larger = len(output.data) >= len(file.data)
    if not encoded.may_keep_input or not (must_keep or is_larger):
        return output
    stripped = strip_metadata(file.data, file.format)
    if stripped is None:
        if must_keep:
            raise Unreadable(Failure(FailureCode.DAMAGED, "its frames are cut off"))
        return output
    if must_keep or len(stripped) <= len(output.data):
        return replace(output, data=stripped, recompressed=False)
    return output
