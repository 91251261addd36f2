"""What becomes of a picture with more colours than its palette may have: a PNG of a photograph, a GIF."""

import pytest
from PIL import Image, ImageDraw

from services.processor.codec import compress as codec
from services.processor.codec.colour.palette import in_few_colours
from services.processor.codec.compress import compress
from services.processor.codec.opening import open_source
from services.processor.codec.resemblance import distance
from services.processor.codec.sample import LEAST_QUALITY_OF_FEW_COLOURS
from services.processor.verdicts import Compressed
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import noise, saved

MAX_PIXELS = 1_000_000
COLOURS = 256
NEAR = 24  # of 255
SIZES = [(120, 90), (320, 240), (640, 480)]
LINE, LINE_AT = (255, 0, 40), 10


def colourful(size: tuple[int, int], seed: int = 0) -> Image.Image:
    """Colours from all over the cube."""
    channels = [noise((12, 8), seed=f"{seed} {channel}") for channel in "RGB"]
    return Image.merge("RGB", channels).resize(size, Image.Resampling.BICUBIC)


def seen_distance(data: bytes, picture_format: PictureFormat, output: Compressed) -> int:
    with (
        open_source(data, picture_format, MAX_PIXELS) as before,
        open_source(output.data, output.format, MAX_PIXELS) as after,
    ):
        return distance(before, after)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", SIZES)
def test_a_colourful_photograph_looks_like_itself_as_png(size: tuple[int, int], seed: int) -> None:
    """R06: a square of it was up to 66 of 255 away, and one in sixteen was refused for it."""
    data = saved(colourful(size, seed), "JPEG", quality=92)
    output = compress(data, 50, PictureFormat.PNG, MAX_PIXELS)
    assert isinstance(output, Compressed)
    assert seen_distance(data, PictureFormat.JPEG, output) <= NEAR


@pytest.mark.parametrize("size", SIZES)
def test_a_thin_line_keeps_its_colour(size: tuple[int, int]) -> None:
    """R06: in three of four photographs a line of one pixel had become the colour of what is around it."""
    picture = colourful(size).convert("L").convert("RGB")
    ImageDraw.Draw(picture).line((0, LINE_AT, size[0] - 1, LINE_AT), fill=LINE)
    few = in_few_colours(picture, COLOURS - 1).convert("RGB")
    seen = [few.getpixel((column, LINE_AT)) for column in range(size[0])]
    assert all(abs(one - other) <= NEAR for each in seen for one, other in zip(each, LINE, strict=True))  # type: ignore[arg-type] # RGB


def test_a_picture_of_few_colours_keeps_them_all() -> None:
    picture = colourful((200, 150)).quantize(COLOURS, Image.Quantize.FASTOCTREE).convert("RGB")
    assert in_few_colours(picture, COLOURS).convert("RGB").tobytes() == picture.tobytes()


@pytest.mark.parametrize("quality", [10, 20, 50, 95])
def test_no_colourful_gif_is_refused_for_what_its_few_colours_cannot_show(
    quality: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R09: below 30 each of these was, where it was in the sample."""
    monkeypatch.setattr(codec, "is_in_sample", lambda _, quality, __: quality >= LEAST_QUALITY_OF_FEW_COLOURS)
    for seed in range(3):
        data = saved(colourful((320, 240), seed).quantize(COLOURS), "GIF", comment=b"x" * 4000)
        assert isinstance(compress(data, quality, None, MAX_PIXELS), Compressed)
