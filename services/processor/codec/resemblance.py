"""Whether what comes out looks like what went in, by a small picture of each (pure). Opening a file and
obeying its profile are shared with the codec; the way from there to a small picture is not, so that a
mistake shows.
"""

from PIL import Image, ImageChops, ImageFile

from services.processor.codec.colour.as_seen import TIFF_PHOTOMETRIC, in_srgb, orientation_of, turned_upright
from services.processor.codec.opening import open_source
from services.processor.codec.pillow_errors import reading
from services.processor.codec.source import Source
from services.processor.verdicts import Compressed, Unreadable
from shared.contract.picture_formats import PictureFormat

SIDE = 32  # squares of a small picture
LEAST_SQUARE = 8  # pixels that one of them stands for
MOST_DISTANCE = 64  # of 255, in the farthest square
_FARTHEST = 255
_DRAFT = 3  # pixels a square: of a JPEG not many more are made
_SAMPLES = 8  # pixels a square and side: of other pictures no more are looked at
_GROUNDS = ("white", "black")
_WITHOUT_WHITE = frozenset({"I", "F"})  # what their white is, only the codec guesses
_DEEP = "I;16"
_BY_ENTRIES = frozenset({"1", "P", "PA"})
_CLEAR_OR_OPAQUE = [0] * 128 + [255] * 128


def looks_alike(data: bytes, picture_format: PictureFormat, output: Compressed, max_pixels: int) -> bool:
    """Of a file that was read, and of what became of it."""
    try:
        with (
            open_source(data, picture_format, max_pixels) as before,
            open_source(output.data, output.format, max_pixels) as after,
        ):
            return distance(before, after) <= MOST_DISTANCE
    except Unreadable:
        return False


def distance(before: Source, after: Source) -> int:
    """How far the farthest square is, in the colour that is farthest, on the worse ground: 0 to 255. Of
    moving pictures the first frame is compared.
    """
    if before.begins_otherwise or not _is_comparable(before.image):
        return 0
    is_gif = after.format is PictureFormat.GIF
    one, other = _small(before.image, half_clear=not is_gif), _small(after.image)
    if one.size != other.size:
        return _FARTHEST
    grounds = _GROUNDS[:1] if after.format is PictureFormat.JPEG else _GROUNDS
    return max(_difference(one, other, ground) for ground in grounds)


def _is_comparable(image: Image.Image) -> bool:
    """Not where only the codec guesses what white is, or where a grey of 16 bits is clear or turned."""
    turned = getattr(image, "tag_v2", {}).get(TIFF_PHOTOMETRIC) == 0
    is_plain = not turned and not image.has_transparency_data
    return image.mode not in _WITHOUT_WHITE and (is_plain or not image.mode.startswith(_DEEP))


def _difference(one: Image.Image, other: Image.Image, ground: str) -> int:
    before, after = (
        Image.alpha_composite(Image.new("RGBA", small.size, ground), small).convert("RGB")
        for small in (one, other)
    )
    return int(max(ImageChops.difference(before, after).tobytes()))


def _small(image: ImageFile.ImageFile, *, half_clear: bool = True) -> Image.Image:
    """In RGBA, upright, in sRGB. Without half clear pixels each is clear or opaque, as in a GIF."""
    columns, rows = (max(1, min(SIDE, side // LEAST_SQUARE)) for side in image.size)
    drafted = None
    if columns == rows == SIDE and "icc_profile" not in image.info:  # else means of colours, not of numbers
        drafted = image.draft(None, (_DRAFT * columns, _DRAFT * rows))
    with reading():
        image.load()
    some = image if drafted else image.resize(_samples(image.size, (columns, rows)), Image.Resampling.NEAREST)
    picture = _with_channels(some)
    if not half_clear and picture.mode in {"LA", "RGBA"}:
        picture.putalpha(picture.getchannel("A").point(_CLEAR_OR_OPAQUE))
    picture.info = {name: value for name, value in image.info.items() if name != "transparency"}
    box = drafted[1] if drafted else None
    small = in_srgb(picture).resize((columns, rows), Image.Resampling.BOX, box)
    return turned_upright(small.convert("RGBA"), orientation_of(image))


def _samples(size: tuple[int, int], squares: tuple[int, int]) -> tuple[int, int]:
    width, height = (min(side, _SAMPLES * count) for side, count in zip(size, squares, strict=True))
    return width, height


def _with_channels(image: Image.Image) -> Image.Image:
    """As means can be taken of, and with its transparency as a channel."""
    if image.has_transparency_data:
        return image.convert("LA" if image.mode in {"L", "LA", "1"} else "RGBA")
    if image.mode.startswith(_DEEP):
        upper = 0 if image.mode == "I;16B" else 1
        return Image.frombytes("L", image.size, image.tobytes()[upper::2])
    return image.convert("RGB") if image.mode in _BY_ENTRIES else image
