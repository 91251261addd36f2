"""Chooses the few colours that stand for all of a picture (pure): for some of its pixels, and for one of each
kind of colour in it, so that a thin line keeps its own. The time hardly depends on the picture's size.
"""

from PIL import Image

SAMPLE_SIDE = 48
_KIND_BITS = 3  # of each channel: 512 kinds of colour
_LEVELS = 256
_CHANNELS = 3


def in_few_colours(picture: Image.Image, colours: int) -> Image.Image:
    """Of RGB. Where it has no more colours than that, it keeps them all."""
    if picture.getcolors(colours) is not None:
        return picture.quantize(colours, Image.Quantize.MEDIANCUT)
    chosen = _sample(picture).quantize(colours, Image.Quantize.MAXCOVERAGE, kmeans=1)
    return picture.quantize(palette=chosen, dither=Image.Dither.NONE)


def _sample(picture: Image.Image) -> Image.Image:
    """Pixels from all over it, and below them one of each kind."""
    width, height = (min(side, SAMPLE_SIDE) for side in picture.size)
    kinds = _kinds(picture)
    rows = -(-len(kinds) // width)
    sample = Image.new("RGB", (width, height + rows), kinds[0])
    sample.paste(picture.resize((width, height), Image.Resampling.NEAREST))
    strip = Image.new("RGB", (width, rows), kinds[0])
    strip.putdata(kinds)
    sample.paste(strip, (0, height))
    return sample


def _kinds(picture: Image.Image) -> list[tuple[int, ...]]:
    """The middle of each."""
    step = _LEVELS >> _KIND_BITS
    middles = [level // step * step + step // 2 for level in range(_LEVELS)]
    counted = picture.point(middles * _CHANNELS).getcolors(1 << _KIND_BITS * _CHANNELS) or []
    return [colour for _, colour in counted if isinstance(colour, tuple)]
