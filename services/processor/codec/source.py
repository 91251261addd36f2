"""An open image file, and one plain picture of it after another (pure)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from PIL import Image, ImageFile

from services.processor.codec.colour.as_seen import is_plain, orientation_of, plain_picture, turned_upright
from services.processor.codec.colour.code_points import CodePoints
from services.processor.codec.jpeg.turbo import misses_pixels
from services.processor.codec.moving import apng, gif_patches
from services.processor.codec.moving.canvas import frames_of
from services.processor.codec.pillow_errors import reading
from services.processor.stopwatch import Stopwatch
from services.processor.verdicts import Failure, Unreadable
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat

_UNHEEDED = ("xmp", "XML:com.adobe.xmp")
_UNHEEDED_OF_WEBP = (*_UNHEEDED, "exif")
_PNG_COLOURS, _GREY_AND_ALPHA = slice(25, 26), b"\4"  # in its header
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
    most_patched_pixels: int
    open_patch: Callable[[bytes], AbstractContextManager["Source"]]  # as the file was opened
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
        with self.open_patch(data) as patch:
            self.patched_pixels += patch.image.width * patch.image.height
            if self.patched_pixels > self.most_patched_pixels:
                told = f"its frames have more than {self.most_patched_pixels:,} pixels"
                raise Unreadable(Failure(FailureCode.TOO_MANY_PIXELS, told))
            return patch.picture()

    def _pictures(self, numbers: range) -> Iterator[Image.Image]:
        for number in numbers:
            with self.decoding, reading():
                if self.format is PictureFormat.JPEG and misses_pixels(self.data):
                    raise EOFError("pixels are missing")
                self.image.seek(number)
                say_as_browsers_read(self.image, self.code_points)
                self.image.load()
                if self.image.mode == "P" and self.image.palette is None:
                    raise Unreadable(Failure(FailureCode.DAMAGED, "its palette is missing"))
                self.durations_ms.append(int(self.image.info.get("duration", 0)))
                picture, altered = plain_picture(self._in_its_mode())
            self.altered |= altered
            yield picture

    def _in_its_mode(self) -> Image.Image:
        """Of grey of 16 bits with transparency Pillow makes colours, which no profile of grey fits."""
        is_grey = self.format is PictureFormat.PNG and self.data[_PNG_COLOURS] == _GREY_AND_ALPHA
        return self.image.convert("LA") if is_grey and self.image.mode == "RGBA" else self.image


def say_as_browsers_read(image: Image.Image, said: CodePoints | None) -> None:
    """Makes Pillow's info of a frame what browsers take from the file: without XMP, and a WebP's EXIF, of
    which they heed no orientation, and with what is said of colours by numbers. An AVIF's profile speaks
    louder, a PNG's not.
    """
    for name in _UNHEEDED_OF_WEBP if image.format == "WEBP" else _UNHEEDED:
        image.info.pop(name, None)
    if said is not None and not (image.format == "AVIF" and image.info.get("icc_profile")):
        image.info["code_points"] = said
