"""Turns a decoded frame into what everyone sees: upright, eight bits, sRGB colours, nothing else attached."""

import io
import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from PIL import Image, ImageChops, ImageCms, ImageMath, ImageOps
from PIL.ExifTags import Base

from services.processor.codec.colour.profiles import profile_of

TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
PLAIN_MODES = frozenset({"1", "L", "P", "RGB", "RGBA"})
# By which profiles take a picture; others as RGB.
TONED_MODES = {"L": "L", "LA": "L", "CMYK": "CMYK", "LAB": "LAB"}
TIFF_PHOTOMETRIC, _TIFF_BITS, _TIFF_SAMPLE_FORMAT = 262, 258, 339
_SIGNED, _SIXTEEN = (2,), (16,)  # their values
_BEYOND_SIGNED = 2.0**32  # what Pillow takes from a 32-bit number that it reads as a negative one
_UPRIGHT = 1
_HARDLY_SEEN = 8  # levels, by which profiles of sRGB differ from one another
_SAMPLE_SIDE = 32
KEPT_INFO = ("transparency",)
_BROKEN_EXIF = (SyntaxError, ValueError, KeyError, IndexError, TypeError, OSError, struct.error)


def plain_picture(frame: Image.Image) -> tuple[Image.Image, bool]:
    """The frame in one of PLAIN_MODES without metadata, and whether its pixels had to change for that."""
    upright = turned_upright(frame, orientation_of(frame))
    coloured = in_srgb(_eight_bits(upright))
    is_ready = coloured.mode in PLAIN_MODES and not _uses_missing_entries(coloured)
    plain = coloured if is_ready else _with_colours(coloured)
    altered = plain is not frame and not (frame.mode == "LA" and coloured is frame)
    if plain is frame:  # a file in Pillow's hands: it reads on by its info, and would write its tags
        plain = frame.copy()
    plain.info = {name: plain.info[name] for name in KEPT_INFO if name in plain.info}
    return plain, altered


def orientation_of(frame: Image.Image) -> int:
    """As EXIF counts it: 1 is upright."""
    try:
        told = frame.getexif().get(Base.Orientation)
    except _BROKEN_EXIF:  # the pixels may be well all the same
        return _UPRIGHT
    return told if isinstance(told, int) and told in TRANSPOSITIONS else _UPRIGHT


def is_plain(frame: Image.Image) -> bool:
    """Whether `plain_picture` would find nothing to do, by the header alone."""
    if frame.mode not in PLAIN_MODES or orientation_of(frame) != _UPRIGHT:
        return False
    return _toning(frame, _toned_mode(frame)) is None


def on_white(picture: Image.Image) -> Image.Image:
    """Without transparency, for formats that have none."""
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert("RGB")
    return picture if picture.mode in {"L", "RGB"} else picture.convert("L" if picture.mode == "1" else "RGB")


def true_colours(picture: Image.Image) -> Image.Image:
    """As RGB, or as RGBA where something is transparent."""
    wanted = "RGBA" if _is_transparent(picture) else "RGB"
    return picture if picture.mode == wanted else picture.convert(wanted)


def _is_transparent(picture: Image.Image) -> bool:
    if picture.mode != "RGBA":
        return picture.has_transparency_data
    return picture.getchannel("A").getextrema() != (255, 255)


def turned_upright(picture: Image.Image, orientation: int) -> Image.Image:
    transposition = TRANSPOSITIONS.get(orientation)
    return picture if transposition is None else picture.transpose(transposition)


def in_srgb(picture: Image.Image) -> Image.Image:
    """As its profile, or what its info says of colours, asks."""
    mode = _toned_mode(picture)
    toning = _toning(picture, mode)
    if toning is None:
        return picture
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    opaque = picture if picture.mode == toning.input_mode else picture.convert(toning.input_mode)
    toned = toning.apply(opaque)
    if mode == "L":
        toned = toned.convert("L")
    if alpha is not None:
        toned = toned.convert("RGB")
        toned.putalpha(alpha)
    return toned


def _toning(picture: Image.Image, mode: str) -> ImageCms.ImageCmsTransform | None:
    """What its profile asks for, on the picture in this mode: without transparency."""
    if mode == "LAB":
        return _lab_to_srgb()
    profile = profile_of(picture.info, grey=mode == "L")
    return _transform_to_srgb(profile, mode) if profile else None


def _toned_mode(picture: Image.Image) -> str:
    """As profiles take it."""
    return TONED_MODES.get(picture.mode, "RGB")


@lru_cache(maxsize=16)
def _transform_to_srgb(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """None where the profile is sRGB already, or cannot be used on this picture. A profile
    of colours can be used on grey.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        is_called_srgb = ImageCms.getProfileDescription(source).startswith(("sRGB", "c2"))
        is_of_colours = mode == "L" and source.profile.xcolor_space == "RGB "
        toning = _transform(source, "RGB" if is_of_colours else mode)
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None
    return None if is_called_srgb and _hardly_changes(toning) else toning


def _hardly_changes(toning: ImageCms.ImageCmsTransform) -> bool:
    """A name alone says too little: there are profiles of linear light called sRGB-elle-V2-g10."""
    ramp = Image.linear_gradient("L").resize((_SAMPLE_SIDE, _SAMPLE_SIDE))
    bands = (ramp, ramp.transpose(Image.Transpose.ROTATE_90), ramp.transpose(Image.Transpose.ROTATE_180))
    sample = Image.merge(toning.input_mode, bands[: len(toning.input_mode)])
    change = ImageChops.difference(sample.convert("RGB"), toning.apply(sample))
    return max(change.tobytes()) <= _HARDLY_SEEN


@lru_cache(maxsize=1)
def _lab_to_srgb() -> ImageCms.ImageCmsTransform:
    """Its colours are absolute: a profile beside them says nothing."""
    return _transform(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")), "LAB")


def _transform(source: ImageCms.ImageCmsProfile, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        source,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode == "I" and _is_signed(picture) and _tags(picture).get(_TIFF_BITS) == _SIXTEEN:
        grey = picture.point(lambda value: value * (1 / 256) + 128).convert("L")  # black is -32,768
    elif picture.mode in {"I", "F"}:
        grey = _deep_grey(picture)
    elif picture.mode.startswith("I;16"):
        grey = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    else:
        return picture
    return ImageOps.invert(grey) if _white_is_zero(picture) else grey


def _white_is_zero(picture: Image.Image) -> bool:
    """A TIFF may say so; Pillow turns only shallower ones."""
    return _tags(picture).get(TIFF_PHOTOMETRIC) == 0


def _tags(picture: Image.Image) -> Mapping[int, object]:
    """Of a TIFF."""
    tags: Mapping[int, object] = getattr(picture, "tag_v2", {})
    return tags


def _uses_missing_entries(picture: Image.Image) -> bool:
    """GIFs may say that an entry beyond their palette is clear; other formats have none there."""
    if picture.mode != "P":
        return False
    _, highest = picture.getextrema()
    return isinstance(highest, int) and 3 * highest >= len(picture.getpalette("RGB") or ())


def _with_colours(picture: Image.Image) -> Image.Image:
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _deep_grey(picture: Image.Image) -> Image.Image:
    """32-bit grey says nowhere what its white is: 1, 255, 65535, or its brightest pixel."""
    darkest, brightest = _extremes(picture)
    if darkest < 0 and picture.mode == "I" and not _is_signed(picture):
        picture = _unsigned(picture)
        _, brightest = _extremes(picture)
    white = next((white for white in (1.0, 255.0, 65535.0) if brightest <= white), brightest)
    return picture.point(lambda value: value * (255 / white)).convert("L")


def _extremes(picture: Image.Image) -> tuple[float, float]:
    """Of a picture of one channel."""
    return cast("tuple[float, float]", picture.getextrema())


def _is_signed(picture: Image.Image) -> bool:
    return _tags(picture).get(_TIFF_SAMPLE_FORMAT) == _SIGNED


def _unsigned(picture: Image.Image) -> Image.Image:
    """Pillow reads a TIFF's unsigned numbers of 32 bits as signed ones."""
    unsigned: Image.Image = ImageMath.lambda_eval(
        lambda of: of["told"] + (of["told"] < 0) * _BEYOND_SIGNED, told=picture
    )
    return unsigned
