"""Opens an image file that may be hostile: limits first, by its header (pure but for Pillow's settings)."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from PIL import AvifImagePlugin, Image, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from services.processor.codec.colour.code_points import code_points_of
from services.processor.codec.headers import most_pixels
from services.processor.codec.moving.apng import has_frames
from services.processor.codec.pillow_errors import reading, told_of_pixels
from services.processor.codec.png.sound_chunks import MAX_PROFILE_BYTES
from services.processor.codec.source import Source, say_as_browsers_read
from services.processor.formats.png_chunks import begins_with_header, chunks
from services.processor.formats.sniff import not_supported
from services.processor.formats.tiff_header import described
from services.processor.stopwatch import Stopwatch
from services.processor.verdicts import Failure, Unreadable
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat

# Pillow begins with the other four. Asked for a format that it has not loaded, it loads all it knows.
_LOADED = (AvifImagePlugin, TiffImagePlugin, WebPImagePlugin)
MAX_FRAMES = 1000
_PNG_DEPTH_AT = 24
_PNG_DEEPEST = 16  # bits a sample, of which Pillow keeps the upper eight
_RARE_TIFF = "webp"  # its compression, which Pillow knows by name, and its libtiff does not
_RARE_BMP = "Unsupported BMP"  # how Pillow begins to say it


@contextmanager
def open_source(data: bytes, picture_format: PictureFormat, max_pixels: int) -> Iterator[Source]:
    """Opens the file and checks the limits by its header; raises `Unreadable`."""
    Image.MAX_IMAGE_PIXELS = max_pixels
    PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE_BYTES  # texts have been left out
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # there is one child a core
    decoding = Stopwatch()
    with decoding, reading(), _naming_what_pillow_does_not_read(data, picture_format):
        image = Image.open(io.BytesIO(data), formats=[picture_format.name])
        if image.info.get("compression") == _RARE_TIFF:
            raise OSError("the pixels of this TIFF cannot be read")
    with image:
        with decoding, reading():
            code_points = code_points_of(data, picture_format)
            frame_count = int(getattr(image, "n_frames", 1)) if image.format != "MPO" else 1
            if picture_format is PictureFormat.PNG:
                frame_count = frame_count if has_frames(data) else 1
                _scale_clear_colour(image, depth=_png_depth(data))
            say_as_browsers_read(image, code_points)
        _check_pixels(image.width * image.height, frame_count, max_pixels)
        yield Source(
            data=data,
            image=image,
            format=picture_format,
            frame_count=frame_count,
            decoding=decoding,
            code_points=code_points,
            most_patched_pixels=most_pixels(max_pixels),
            open_patch=partial(open_source, picture_format=picture_format, max_pixels=max_pixels),
        )


@contextmanager
def _naming_what_pillow_does_not_read(data: bytes, picture_format: PictureFormat) -> Iterator[None]:
    """A whole file of a rare kind is no damaged one."""
    try:
        yield
    except (OSError, KeyError) as error:
        if picture_format is PictureFormat.BMP and str(error).startswith(_RARE_BMP):
            raise Unreadable(not_supported(f"a BMP of this kind ({error})")) from error
        kind = described(data) if picture_format is PictureFormat.TIFF else None
        if kind is not None:
            raise Unreadable(not_supported(kind)) from error
        raise


def _png_depth(data: bytes) -> int:
    if not begins_with_header(data):
        raise ValueError("the file does not begin with its header")  # Pillow would read it all the same
    if sum(chunk.kind == b"IHDR" for chunk in chunks(data)) > 1:
        raise ValueError("the file has two headers")  # Pillow would take something of each
    return data[_PNG_DEPTH_AT]


def _scale_clear_colour(image: Image.Image, depth: int) -> None:
    """Pillow brings the pixels to eight bits, but leaves the colour that is clear as the file counts it."""
    clear = image.info.get("transparency")
    if isinstance(clear, tuple) and depth == _PNG_DEEPEST:
        image.info["transparency"] = tuple(level >> 8 for level in clear)
    if isinstance(clear, int) and image.mode in {"L", "I;16"}:
        image.info["transparency"] = clear >> 8 if depth == _PNG_DEEPEST else clear * 255 // (2**depth - 1)


def _check_pixels(pixels: int, frame_count: int, max_pixels: int) -> None:
    if pixels > max_pixels:
        raise Unreadable(Failure(FailureCode.TOO_MANY_PIXELS, told_of_pixels(pixels, max_pixels)))
    if frame_count > MAX_FRAMES or (frame_count > 1 and pixels * frame_count > most_pixels(max_pixels)):
        most = f"{MAX_FRAMES:,} frames, and {most_pixels(max_pixels):,} pixels in all of them, are the most"
        told = f"it has {frame_count:,} frames of {pixels:,} pixels; {most}"
        raise Unreadable(Failure(FailureCode.TOO_MANY_PIXELS, told))
