"""From the bytes of an image to a smaller one, or to a failure code (pure; runs in a child process).

An exception that a file causes in the reader is a verdict on the file; any other is meant to end the child.
Pillow, and what leans on it, is loaded by the first image that needs it.
"""

from dataclasses import dataclass, replace

from services.processor.codec.jpeg.plain import plain_size
from services.processor.codec.jpeg.requantise import without_pixels
from services.processor.codec.jpeg.turbo import unusual_kind
from services.processor.codec.mend import (
    has_all_scans,
    with_end,
    with_end_as_it_came,
    with_own_line_ends,
    with_padding,
)
from services.processor.codec.moving.webp_canvas import with_clear_canvas
from services.processor.codec.png.sound_chunks import without_broken_chunks
from services.processor.codec.sample import is_in_sample
from services.processor.formats.sniff import not_supported, sniff
from services.processor.stopwatch import Stopwatch
from services.processor.stripping.look import OF_ITSELF, Look
from services.processor.stripping.strip import strip_metadata
from services.processor.verdicts import Compressed, Failure, Unreadable
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat


def compress(
    data: bytes, quality: int, wanted: PictureFormat | None, max_pixels: int
) -> Compressed | Failure:
    """The picture at this quality, upright, in sRGB, without metadata. Where the format stays and that would
    be larger than what came, it is what came, and of its metadata only what says how it is shown.
    """
    try:
        file = _recognised(with_own_line_ends(data, max_pixels))
    except Unreadable as unreadable:
        return unreadable.failure
    verdict = _smaller(file, quality, wanted, max_pixels)
    if isinstance(verdict, Compressed) or verdict.code is not FailureCode.DAMAGED:
        return verdict
    completed = _completed(file, max_pixels)
    if completed is not None:
        return _smaller(completed, quality, wanted, max_pixels)
    return _with_extent(verdict, file, max_pixels)


@dataclass(frozen=True, slots=True)
class _File:
    data: bytes
    format: PictureFormat
    came: bytes  # before it was completed


@dataclass(frozen=True, slots=True)
class _Encoded:
    output: Compressed
    format_stays: bool
    loses_frames: bool
    look: Look  # of what came


def _recognised(data: bytes) -> _File:
    picture_format = sniff(data)
    if isinstance(picture_format, Failure):
        raise Unreadable(picture_format)
    kind = unusual_kind(data) if picture_format is PictureFormat.JPEG else None
    if kind is not None:
        raise Unreadable(not_supported(kind))
    return _File(data, picture_format, came=data)


def _smaller(
    file: _File, quality: int, wanted: PictureFormat | None, max_pixels: int
) -> Compressed | Failure:
    try:
        file = _mended(file, max_pixels)
        encoded = _encoded(file, wanted, quality, max_pixels)
        output = _compared(_never_larger(encoded, file, max_pixels), file, quality, max_pixels)
    except Unreadable as unreadable:
        return unreadable.failure
    if output.recompressed:
        return output
    return replace(output, data=with_end_as_it_came(output.data, file.came, file.format))


def _mended(file: _File, max_pixels: int) -> _File:
    if file.format is PictureFormat.PNG:
        return replace(file, data=without_broken_chunks(file.data))
    if file.format is PictureFormat.WEBP:
        return replace(file, data=with_clear_canvas(with_padding(file.data)))
    if file.format is not PictureFormat.JPEG:
        return file
    mended = with_end(file.data, max_pixels)
    if not has_all_scans(mended):
        raise Unreadable(Failure(FailureCode.DAMAGED, "passes over its picture are missing"))
    return replace(file, data=mended)


def _completed(file: _File, max_pixels: int) -> _File | None:
    if file.format is not PictureFormat.PNG:
        return None
    from services.processor.codec.png.whole import with_checksum  # noqa: PLC0415

    data = with_checksum(file.data, max_pixels)
    return None if data is None else replace(file, data=data)


def _with_extent(failure: Failure, file: _File, max_pixels: int) -> Failure:
    """Of a picture that breaks off, how much of it was there."""
    from services.processor.codec.extent import extent  # noqa: PLC0415

    told = extent(file.data, file.format, max_pixels)
    return failure if told is None else replace(failure, detail=told)


def _target(picture_format: PictureFormat, wanted: PictureFormat | None) -> PictureFormat:
    """`None` keeps the format; BMP, which nobody should keep, becomes PNG."""
    target = wanted or picture_format
    return PictureFormat.PNG if target is PictureFormat.BMP else target


def _encoded(file: _File, wanted: PictureFormat | None, quality: int, max_pixels: int) -> _Encoded:
    if file.format is _target(file.format, wanted) is PictureFormat.JPEG:
        unopened = _unopened(file, quality, max_pixels)
        if unopened is not None:
            return unopened
    return _opened(file, wanted, quality, max_pixels)


def _opened(file: _File, wanted: PictureFormat | None, quality: int, max_pixels: int) -> _Encoded:
    from services.processor.codec.encode import encode  # noqa: PLC0415
    from services.processor.codec.opening import open_source  # noqa: PLC0415

    target = _target(file.format, wanted)
    working = Stopwatch()
    with working, open_source(file.data, file.format, max_pixels) as source:
        loses_frames = source.moves and target is PictureFormat.PNG
        if loses_frames and file.format is target:
            data, size = file.data, source.check_frames()  # it is kept as it came
        else:
            data, size = encode(source, target, quality)
    return _Encoded(
        _told(data, target, size, working, source.decoding.milliseconds),
        format_stays=wanted is None or wanted is file.format,
        loses_frames=loses_frames,
        look=Look(source.orientation, keeps_profile=True) if source.altered else OF_ITSELF,
    )


def _unopened(file: _File, quality: int, max_pixels: int) -> _Encoded | None:
    """Of a JPEG that says so little that libjpeg's coefficients are all that is wanted of it. One that is too
    long to be written libjpeg does not read.
    """
    size = plain_size(file.data)
    if size is None or size[0] * size[1] > max_pixels:
        return None
    working = Stopwatch()
    with working:
        short = without_pixels(file.data, size, quality)
    if short is None:
        return None
    output = _told(short.data, PictureFormat.JPEG, size, working, short.reading_seconds * 1000)
    return _Encoded(output, format_stays=True, loses_frames=False, look=OF_ITSELF)


def _told(
    data: bytes,
    picture_format: PictureFormat,
    size: tuple[int, int],
    working: Stopwatch,
    decode_ms: float,
) -> Compressed:
    return Compressed(
        data=data,
        format=picture_format,
        width=size[0],
        height=size[1],
        decode_ms=round(decode_ms, 2),
        encode_ms=round(working.milliseconds - decode_ms, 2),
    )


def _never_larger(encoded: _Encoded, file: _File, max_pixels: int) -> Compressed:
    """The input without its metadata where that is no larger, or the only one that has all frames."""
    output, must_keep = encoded.output, encoded.loses_frames
    is_larger = len(output.data) >= min(len(file.data), len(file.came))
    if not encoded.format_stays or not (must_keep or is_larger):
        return output
    stripped = _stripped(file, encoded.look, max_pixels)
    if stripped is None:
        if must_keep:
            raise Unreadable(Failure(FailureCode.DAMAGED, "its frames are cut off"))
        return output
    if must_keep or min(len(stripped), len(file.came)) <= len(output.data):
        return replace(output, data=stripped, format=file.format, recompressed=False)
    return output


def _stripped(file: _File, look: Look, max_pixels: int) -> bytes | None:
    """Also of a PNG that Pillow reads without what stands behind its pixels."""
    stripped = strip_metadata(file.data, file.format, look)
    completed = _completed(file, max_pixels) if stripped is None else None
    return stripped if completed is None else strip_metadata(completed.data, file.format, look)


def _compared(output: Compressed, file: _File, quality: int, max_pixels: int) -> Compressed:
    """On a sample: what does not look like what came is not handed out."""
    if not is_in_sample(file.data, quality, file.format):
        return output
    from services.processor.codec.resemblance import looks_alike  # noqa: PLC0415

    if not looks_alike(file.data, file.format, output, max_pixels):
        raise Unreadable(
            Failure(FailureCode.VERIFICATION_FAILED, f"the {output.format} made of it looks different")
        )
    return output
