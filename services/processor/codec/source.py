"""Reads an image file that may be hostile: limits first, then one plain picture after another.

The one place that says which of Pillow's exceptions mean that the file is damaged.
"""

import io
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from PIL import (
    AvifImagePlugin,
    Image,
    ImageFile,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from services.processor.codec import apng, gif_patches
from services.processor.codec.canvas import frames_of
from services.processor.codec.code_points import CodePoints, code_points_of
from services.processor.codec.colours import is_plain, orientation_of, plain_picture, turned_upright
from services.processor.codec.headers import most_pixels
from services.processor.codec.jpeg import misses_pixels
from services.processor.codec.sound_chunks import MAX_PROFILE_BYTES
from services.processor.formats.png_chunks import chunks
from services.processor.formats.sniff import not_supported
from services.processor.formats.tiff_header import described
from services.processor.stopwatch import Stopwatch
from services.processor.verdicts import Failure, Unreadable
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat

# Pillow begins with the other four. Asked for a format that it has not loaded, it loads all it knows.
_LOADED = (AvifImagePlugin, TiffImagePlugin, WebPImagePlugin)
MAX_FRAMES = 1000
_PIXELS = re.compile(r"(\d+) pixels")
_PNG_HEADER = slice(12, 16)
_PNG_DEPTH_AT = 24
_RARE_TIFF = "webp"  # its compression, which Pillow knows by name, and its libtiff does not
_RARE_BMP = "Unsupported BMP"  # how Pillow begins to say it
_PNG_DEEPEST = 16  # bits a sample, of which Pillow keeps the upper eight
_BROKEN_FILE = (
    OSError,
    SyntaxError,  # how Pillow calls a file that breaks its format
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
)


_PATCHES = {PictureFormat.GIF: gif_patches.patches_of, PictureFormat.PNG: apng.patches_of}


@dataclass(slots=True, kw_only=True)
class Source:
    """An open image file."""

    data: bytes
    image: ImageFile.ImageFile
    format: PictureFormat
    frame_count: int
    decoding: Stopwatch
    code_points: CodePoints | None
    max_pixels: int
    altered: bool = False  # something about the pixels had to change: orientation, profile, depth
    patched_pixels: int = 0
    durations_ms: list[int] = field(default_factory=list)

    @property
    def moves(self) -> bool:
        """Whether its frames are shown one after another; the pages of a TIFF are not."""
        return self.frame_count > 1 and self.format is not PictureFormat.TIFF

    @property
    def orientation(self) -> int:
        """As EXIF counts it; of the frame that was read last."""
        return orientation_of(self.image)

    @property
    def plays(self) -> int:
        """How often they are shown; 0 is for ever. A GIF tells how often again, or nothing."""
        loop = self.image.info.get("loop")
        if self.format is PictureFormat.GIF:
            return 1 if loop is None else int(loop) and int(loop) + 1
        return int(loop or 0)

    @property
    def begins_otherwise(self) -> bool:
        """Whether Pillow's first picture is not what is seen first: a cover, or with a colour around it."""
        return self._has_room_around or (self.moves and bool(getattr(self.image, "default_image", False)))

    def is_plain(self) -> bool:
        """Whether its one frame is already what everyone sees."""
        return self.frame_count == 1 and is_plain(self.image)

    def picture(self) -> Image.Image:
        """What is shown where nothing moves."""
        return next(self._laid() if self._has_room_around else self._pictures(range(1)))

    def pictures(self) -> Iterator[Image.Image]:
        """All frames or pages, decoded one at a time."""
        if self.moves and self.format in _PATCHES:
            return self._laid()
        return self._pictures(range(self.frame_count))

    def check_frames(self) -> tuple[int, int]:
        """Decodes each of an animated PNG, once; raises `Unreadable`. The size at which it is shown."""
        size = self.picture().size
        with self.decoding, reading():
            for _ in apng.patches_of(self.data, self._patch, start=0 if self.begins_otherwise else 1):
                pass
        return size

    @property
    def _has_room_around(self) -> bool:
        """Whether the first frame of a GIF is smaller than the whole; Pillow gives the rest a colour."""
        whole = (0, 0, *self.image.size)
        return self.format is PictureFormat.GIF and any(tile[1] != whole for tile in self.image.tile)

    def _laid(self) -> Iterator[Image.Image]:
        frames = frames_of(self.image.size, _PATCHES[self.format](self.data, self._patch))
        while True:
            with self.decoding, reading():
                frame, milliseconds = next(frames, (None, 0))
            if frame is None:
                return
            self.durations_ms.append(milliseconds)
            yield turned_upright(frame, self.orientation)

    def _patch(self, data: bytes) -> Image.Image:
        """A GIF's may be larger than the whole: together they are held to what frames may have."""
        with open_source(data, self.format, self.max_pixels) as patch:
            self.patched_pixels += patch.image.width * patch.image.height
            if self.patched_pixels > most_pixels(self.max_pixels):
                told = f"its frames have more than {most_pixels(self.max_pixels):,} pixels"
                raise Unreadable(Failure(FailureCode.TOO_MANY_PIXELS, told))
            return patch.picture()

    def _pictures(self, numbers: range) -> Iterator[Image.Image]:
        for number in numbers:
            with self.decoding, reading():
                if self.format is PictureFormat.JPEG and misses_pixels(self.data):
                    raise EOFError("pixels are missing")
                self.image.seek(number)
                _forget_xmp(self.image)
                self.image.load()
                if self.image.mode == "P" and self.image.palette is None:
                    raise Unreadable(Failure(FailureCode.DAMAGED, "its palette is missing"))
                self.durations_ms.append(int(self.image.info.get("duration", 0)))
                _say_colours(self.image, self.code_points)
                picture, altered = plain_picture(self.image)
            self.altered |= altered
            yield picture


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
            _say_colours(image, code_points)
            frame_count = int(getattr(image, "n_frames", 1)) if image.format != "MPO" else 1
            if picture_format is PictureFormat.PNG:
                frame_count = frame_count if apng.has_frames(data) else 1
                _scale_clear_colour(image, depth=_png_depth(data))
            _forget_xmp(image)
        _check_pixels(image.width * image.height, frame_count, max_pixels)
        yield Source(
            data=data,
            image=image,
            format=picture_format,
            frame_count=frame_count,
            decoding=decoding,
            code_points=code_points,
            max_pixels=max_pixels,
        )


@contextmanager
def reading() -> Iterator[None]:
    """Turns what a file causes in Pillow into a verdict on the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable(Failure(FailureCode.TOO_MANY_PIXELS, _pixels_in(str(error)))) from error
    except UnidentifiedImageError as error:
        raise Unreadable(Failure(FailureCode.DAMAGED, "the file's header cannot be read")) from error
    except _BROKEN_FILE as error:
        raise Unreadable(Failure(FailureCode.DAMAGED, f"{type(error).__name__}: {error}"[:300])) from error


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
    if data[_PNG_HEADER] != b"IHDR":
        raise ValueError("the file does not begin with its header")  # Pillow would read it all the same
    if sum(chunk.kind == b"IHDR" for chunk in chunks(data)) > 1:
        raise ValueError("the file has two headers")  # Pillow would take something of each
    return data[_PNG_DEPTH_AT]


def _forget_xmp(image: Image.Image) -> None:
    """Where EXIF says no orientation Pillow takes that of XMP, which no browser heeds."""
    for name in ("xmp", "XML:com.adobe.xmp"):
        image.info.pop(name, None)


def _say_colours(image: Image.Image, said: CodePoints | None) -> None:
    """Where `profile_of` looks for them. An AVIF's profile speaks louder than its numbers, a PNG's not."""
    if said is not None and not (image.format == "AVIF" and image.info.get("icc_profile")):
        image.info["code_points"] = said


def _scale_clear_colour(image: Image.Image, depth: int) -> None:
    """Pillow brings the pixels to eight bits, but leaves the colour that is clear as the file counts it."""
    clear = image.info.get("transparency")
    if isinstance(clear, tuple) and depth == _PNG_DEEPEST:
        image.info["transparency"] = tuple(level >> 8 for level in clear)
    if isinstance(clear, int) and image.mode in {"L", "I;16"}:
        image.info["transparency"] = clear >> 8 if depth == _PNG_DEEPEST else clear * 255 // (2**depth - 1)


def _check_pixels(pixels: int, frame_count: int, max_pixels: int) -> None:
    if pixels > max_pixels:
        raise Unreadable(Failure(FailureCode.TOO_MANY_PIXELS, f"it has {pixels:,} pixels"))
    if frame_count > MAX_FRAMES or (frame_count > 1 and pixels * frame_count > most_pixels(max_pixels)):
        told = f"it has {frame_count:,} frames of {pixels:,} pixels"
        raise Unreadable(Failure(FailureCode.TOO_MANY_PIXELS, told))


def _pixels_in(warning: str) -> str | None:
    """How many, in Pillow's words."""
    found = _PIXELS.search(warning)
    return None if found is None else f"it has {int(found[1]):,} pixels"
