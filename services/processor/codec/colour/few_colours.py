"""Pictures in the few colours of a GIF, one of which may be clear (pure)."""

from collections.abc import Iterable, Sequence
from itertools import chain

from PIL import Image, ImageChops

from services.processor.codec.colour.as_seen import true_colours
from services.processor.codec.colour.palette import in_few_colours

MOST_COLOURS = 256
LEAST_COLOURS = 16
_OPAQUE_FROM = 128  # a GIF's pixel is clear or opaque
_ENTRY_BYTES = 3


def few_colours(pictures: Iterable[Image.Image], quality: int, *, moves: bool) -> list[Image.Image]:
    """Each with a palette of its own, as large as the quality asks, to be written as it is. Of moving ones
    each says what is clear, also where nothing is: some readers fill the room that a frame leaves by what
    that says.
    """
    colours = max(LEAST_COLOURS, MOST_COLOURS * quality // 100)
    few = [_quantised(true_colours(picture), colours, may_clear=moves) for picture in pictures]
    clear = _colour_of_none(few)
    for picture in few:
        entry = picture.info.get("transparency")
        if entry is not None:
            picture.putpalette(_palette(picture)[: entry * _ENTRY_BYTES] + clear)
    return few


def _quantised(picture: Image.Image, colours: int, *, may_clear: bool) -> Image.Image:
    """With the last entry for what is clear. Quantised with its transparency, several entries would be clear,
    and Pillow's writer takes a palette for one of three bytes an entry.
    """
    if picture.mode == "RGB" and not may_clear:
        few = in_few_colours(picture, colours)
        return few.remap_palette(_used(few))
    opacity = picture.convert("RGBA").getchannel("A").point([0] * _OPAQUE_FROM + [255] * (256 - _OPAQUE_FROM))
    opaque = Image.composite(picture.convert("RGB"), Image.new("RGB", picture.size), opacity)
    few = in_few_colours(opaque, colours - 1)
    used = _used(few, opacity)
    few = few.remap_palette(used)
    few.paste(len(used), mask=ImageChops.invert(opacity))
    few.info["transparency"] = len(used)
    return few


def _used(few: Image.Image, opacity: Image.Image | None = None) -> list[int]:
    return [entry for entry, pixels in enumerate(few.histogram(opacity)) if pixels] or [0]


def _palette(picture: Image.Image) -> bytes:
    return bytes(picture.getpalette("RGB") or ())


def _colour_of_none(pictures: Sequence[Image.Image]) -> bytes:
    """Pillow's writer leaves out the edges of a frame that have the colour of what is clear, seen or not."""
    taken = set(chain.from_iterable(_entries(_palette(picture)) for picture in pictures))
    colours = (number.to_bytes(_ENTRY_BYTES, "big") for number in range(len(taken) + 1))
    return next(colour for colour in colours if colour not in taken)


def _entries(palette: bytes) -> list[bytes]:
    return [palette[at : at + _ENTRY_BYTES] for at in range(0, len(palette), _ENTRY_BYTES)]
