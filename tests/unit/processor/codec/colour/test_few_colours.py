"""GIFs keep their colours and what is clear in them, whatever their palette looks like."""

import io

import pytest
from PIL import Image

from services.processor.codec.colour.few_colours import few_colours
from services.processor.codec.compress import compress
from services.processor.verdicts import Compressed
from tests.worlds.colour.modes import with_clear_entry
from tests.worlds.colour.paintings import EXAMPLE, LOGO
from tests.worlds.colour.seen import distance, seen
from tests.worlds.files.pictures import saved

MAX_PIXELS = 1_000_000
NEAR = 4  # flat colours that fit into the palette


def compressed(data: bytes, quality: int) -> bytes:
    """Coded anew: what came has a comment that makes it larger."""
    verdict = compress(data, quality, None, MAX_PIXELS)
    assert isinstance(verdict, Compressed)
    assert verdict.recompressed
    return verdict.data


def logo(size: int) -> Image.Image:
    return LOGO.painted().resize((size, size), Image.Resampling.NEAREST)


@pytest.mark.parametrize(("size", "quality"), [(32, 50), (64, 1), (64, 100), (500, 50), (520, 50)])
def test_a_logo_of_one_colour_and_what_is_clear_keeps_them(size: int, quality: int) -> None:
    """R06: red came out green where less than half of the palette was in use, below 512 x 512."""
    data = saved(with_clear_entry(logo(size)), "GIF", optimize=False, comment=b"x" * 4000)
    assert distance(seen(data), seen(compressed(data, quality))) <= NEAR


@pytest.mark.parametrize("quality", [50, 100])
def test_each_frame_keeps_its_colours_and_what_is_clear(quality: int) -> None:
    """R06"""
    frames = [with_clear_entry(logo(64).rotate(90 * turns)) for turns in range(3)]
    data = saved(
        frames[0],
        "GIF",
        save_all=True,
        append_images=frames[1:],
        duration=100,
        disposal=2,
        comment=b"x" * 4000,
    )
    assert distance(seen(data), seen(compressed(data, quality))) <= NEAR


def test_clear_pixels_of_many_hidden_colours_are_all_clear() -> None:
    """R06: only one entry of a GIF is clear; the others would show what they hide."""
    hidden = EXAMPLE.painted()
    hidden.putalpha(logo(64).resize(hidden.size, Image.Resampling.NEAREST).getchannel("A"))
    (few,) = few_colours([hidden], 50, moves=False)
    assert few.convert("RGBA").getchannel("A").tobytes() == hidden.getchannel("A").tobytes()


def test_what_is_opaque_and_of_the_colour_of_what_is_clear_stays() -> None:
    """R06: Pillow's writer leaves out the edges of a frame that have the clear entry's colour."""
    black = Image.new("RGBA", (32, 32), (0, 0, 0, 255))
    holed = Image.new("RGBA", (32, 32), (0, 0, 0, 255))
    holed.paste((200, 0, 0, 0), (8, 8, 24, 24))
    frames = few_colours([holed, Image.new("RGBA", (32, 32), "red"), holed, black], 50, moves=True)
    out = io.BytesIO()
    frames[0].save(
        out, "GIF", save_all=True, append_images=frames[1:], duration=100, disposal=2, optimize=False
    )
    alphas = [shown.picture.getchannel("A").tobytes() for shown in seen(out.getvalue())]
    assert alphas == [picture.getchannel("A").tobytes() for picture in (holed, black, holed, black)]
