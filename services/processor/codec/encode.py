"""Writes pictures in each output format at the asked quality, without metadata."""

import io
from collections.abc import Sequence
from typing import Any, assert_never

from PIL import Image, TiffImagePlugin

from services.processor.codec.colour.as_seen import on_white, true_colours
from services.processor.codec.colour.few_colours import few_colours
from services.processor.codec.colour.palette import in_few_colours
from services.processor.codec.jpeg.requantise import without_pixels
from services.processor.codec.jpeg.turbo import jpeg_of, pixels_of
from services.processor.codec.source import Source
from services.processor.formats.webp_chunks import with_clear_flag
from services.processor.stripping.avif_sequence import without_metadata_boxes
from services.processor.verdicts import Failure, Unreadable
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat

PALETTE_COLOURS = 256
HOPELESS_TIMES = 2  # more is not gained by deflating better
JPEG_STRIP_BYTES = 1 << 30  # one strip a page: JPEG inside TIFF repeats its tables in each
AVIF_SPEED = 8
LONGEST_SIDE = {
    PictureFormat.JPEG: 65_500,
    PictureFormat.WEBP: 16_383,
    PictureFormat.AVIF: 32_768,  # more can be written, but is not read by libavif
}
MOST_PLAYS = 65_535
MOVING = frozenset({PictureFormat.GIF, PictureFormat.WEBP, PictureFormat.AVIF})


def encode(source: Source, target: PictureFormat, quality: int) -> tuple[bytes, tuple[int, int]]:
    """The output file and the size of its (first) picture."""
    _check_sides(source.image, target)
    if target is PictureFormat.TIFF:
        return _pages(source, quality)
    if source.moves and target in MOVING:
        return _moving(source, target, quality)
    if source.format is target is PictureFormat.JPEG and source.is_plain():
        encoded = _jpeg_from_jpeg(source, quality)
        if encoded is not None:
            return encoded, source.image.size
    picture = source.picture()
    return _still(picture, target, quality), picture.size


def _check_sides(image: Image.Image, target: PictureFormat) -> None:
    longest = LONGEST_SIDE.get(target)
    if longest is not None and max(image.size) > longest:
        raise Unreadable(
            Failure(
                FailureCode.TOO_MANY_PIXELS,
                f"a side is longer than the {longest:,} pixels that {target.name} can hold",
            )
        )


def _jpeg_from_jpeg(source: Source, quality: int) -> bytes | None:
    """The shortest way that takes the file: without pixels, or without a Pillow image."""
    short = without_pixels(source.data, source.image.size, quality)
    if short is not None:
        source.decoding.add(short.reading_seconds)
        return short.data
    mode = source.image.mode
    with source.decoding:
        pixels = pixels_of(source.data, mode)
    return None if pixels is None else jpeg_of(pixels, mode, quality)


def _still(picture: Image.Image, target: PictureFormat, quality: int) -> bytes:
    match target:
        case PictureFormat.JPEG:
            return _saved(on_white(picture), "JPEG", quality=quality)
        case PictureFormat.WEBP:
            return _saved(true_colours(picture), "WEBP", quality=quality)
        case PictureFormat.AVIF:
            return _saved(true_colours(picture), "AVIF", quality=quality, speed=AVIF_SPEED, max_threads=1)
        case PictureFormat.GIF:
            return _saved(few_colours([picture], quality, moves=False)[0], "GIF", optimize=False)
        case PictureFormat.PNG:
            return _png(picture)
        case PictureFormat.TIFF | PictureFormat.BMP:
            raise ValueError(f"a {target} is not written here")
        case _:
            assert_never(target)


def _png(picture: Image.Image) -> bytes:
    """A palette of at most 256 colours, or lossless where that is smaller."""
    if picture.mode in {"1", "L", "P"}:
        # A palette already: nothing is lost. Grey photographs would be 3 % smaller in five times the time.
        return _saved(picture, "PNG", optimize=picture.mode != "L")
    picture = true_colours(picture)
    palette = _saved(_with_palette(picture), "PNG")
    if len(_saved(picture, "PNG", compress_level=1)) > HOPELESS_TIMES * len(palette):
        return palette  # a photograph: to deflate all its bytes well takes longer than everything else
    lossless = _saved(picture, "PNG")
    return min(lossless, palette, key=len)


def _with_palette(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGBA":
        return picture.quantize(PALETTE_COLOURS, Image.Quantize.FASTOCTREE)
    return in_few_colours(picture, PALETTE_COLOURS)


def _moving(source: Source, target: PictureFormat, quality: int) -> tuple[bytes, tuple[int, int]]:
    pictures = source.pictures()
    if target is PictureFormat.GIF:
        frames = few_colours(pictures, quality, moves=True)
        options: dict[str, Any] = {"disposal": 2, "optimize": False, **_gif_loop(source.plays)}
    else:
        frames = _alike([true_colours(picture) for picture in pictures])
        options = {"quality": quality, **_moving_options(target, frames, source.plays)}
    saved = _saved(
        frames[0],
        target.name,
        save_all=True,
        append_images=frames[1:],
        duration=source.durations_ms,
        **options,
    )
    if target is PictureFormat.WEBP and frames[0].mode == "RGBA":
        # Of frames that cover a part each and are opaque libwebp says nothing; what is around them is clear.
        saved = with_clear_flag(saved)
    if target is PictureFormat.AVIF:
        saved = bytes(without_metadata_boxes(saved))  # libavif writes the time of day into it
    return saved, frames[0].size


def _alike(frames: list[Image.Image]) -> list[Image.Image]:
    """All with transparency if one has some."""
    modes = {frame.mode for frame in frames}
    return frames if len(modes) == 1 else [frame.convert("RGBA") for frame in frames]


def _moving_options(target: PictureFormat, frames: Sequence[Image.Image], plays: int) -> dict[str, int]:
    """Pillow writes an AVIF that plays for ever. libwebp lays a frame's half-clear pixels over the same ones
    of the frame before, even where nothing changed, unless each frame is whole.
    """
    if target is PictureFormat.AVIF:
        return {"speed": AVIF_SPEED, "max_threads": 1}
    options = {"method": 3, "loop": min(plays, MOST_PLAYS)}
    return {**options, "kmin": 0, "kmax": 1} if any(map(_is_half_clear, frames)) else options


def _is_half_clear(frame: Image.Image) -> bool:
    return frame.mode == "RGBA" and any(frame.getchannel("A").histogram()[1:255])


def _gif_loop(plays: int) -> dict[str, int]:
    """How often again; nothing for once, and 0 for ever."""
    return {} if plays == 1 else {"loop": max(0, plays - 1)}


def _pages(source: Source, quality: int) -> tuple[bytes, tuple[int, int]]:
    out = io.BytesIO()
    sizes = []
    with _Pages(out) as pages:
        for picture in source.pictures():
            sizes.append(picture.size)
            _save_page(picture, pages, quality)
            pages.newFrame()
    return out.getvalue(), sizes[0]


class _Pages(TiffImagePlugin.AppendingTiffWriter):
    """Writes one page after another; each `newFrame` finishes its page."""

    def close(self) -> None:
        """Does nothing: Pillow's own finishes the last page again, also of a writer that an error leaves,
        when it is collected. Its file may be closed by then, and Python 3.13 says so on stderr.
        """


def _save_page(picture: Image.Image, pages: _Pages, quality: int) -> None:
    """JPEG inside for what JPEG can hold, else Deflate. Of the colour that is clear a TIFF says nothing."""
    if picture.mode != "RGBA" and picture.has_transparency_data:
        picture = picture.convert("RGBA")
    fits = max(picture.size) <= LONGEST_SIDE[PictureFormat.JPEG]
    if picture.mode in {"L", "RGB"} and fits:
        picture = picture.convert("YCbCr") if picture.mode == "RGB" else picture
        picture.save(pages, "TIFF", compression="jpeg", quality=quality, strip_size=JPEG_STRIP_BYTES)
    else:
        picture.save(pages, "TIFF", compression="tiff_adobe_deflate")


def _saved(picture: Image.Image, name: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, name, **options)
    return out.getvalue()
