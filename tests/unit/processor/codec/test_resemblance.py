"""On a sample what comes out is compared with what came; what looks different is not handed out."""

from collections.abc import Callable

import pytest
from PIL import Image

from services.processor.codec import compress as codec
from services.processor.codec import encode
from services.processor.codec.colour.as_seen import true_colours
from services.processor.codec.colour.few_colours import few_colours
from services.processor.codec.compress import compress
from services.processor.codec.jpeg import requantise
from services.processor.codec.jpeg.requantise import Requantised
from services.processor.codec.sample import LEAST_QUALITY, LEAST_QUALITY_OF_FEW_COLOURS, is_in_sample
from services.processor.verdicts import Compressed, Failure
from shared.contract.picture_formats import PictureFormat
from tests.worlds.colour.files import COLOURED, STILL
from tests.worlds.colour.moving_files import MOVING, Disposal, Patch
from tests.worlds.colour.paintings import EXAMPLE, LOGO
from tests.worlds.files.pictures import jpeg, photo, saved

MAX_PIXELS = 1_000_000
FILES = {**STILL, **COLOURED}


@pytest.fixture(autouse=True)
def every_image_is_in_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "is_in_sample", lambda *_: True)


@pytest.mark.parametrize("name", sorted(FILES)[::4])
def test_what_is_right_passes_at_a_low_quality_too(name: str) -> None:
    """R09: the check fails no image by itself; at quality 50 test_colours.py has all of them."""
    for wanted in (None, PictureFormat.JPEG):
        verdict = compress(FILES[name](EXAMPLE.painted()), LEAST_QUALITY, wanted, MAX_PIXELS)
        assert isinstance(verdict, Compressed)


@pytest.mark.parametrize("disposal", Disposal)
@pytest.mark.parametrize("name", MOVING)
def test_moving_pictures_that_are_right_pass(name: str, disposal: Disposal) -> None:
    """R09"""
    patches = [Patch(LOGO.painted(), (8, 8), disposal), Patch(EXAMPLE.painted()), Patch(LOGO.painted())]
    for wanted in (None, PictureFormat.WEBP, PictureFormat.JPEG):
        verdict = compress(MOVING[name](EXAMPLE.painted().size, patches), 50, wanted, MAX_PIXELS)
        assert isinstance(verdict, Compressed)


@pytest.mark.parametrize("opacity", [1, 100, 127, 128, 160, 254])
@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_a_soft_shadow_is_clear_or_opaque_in_a_gif(mode: str, opacity: int) -> None:
    """R09: a GIF has nothing in between, and that is no mistake of ours."""
    shadow = Image.new("L", (64, 64), 20).convert(mode)
    shadow.putalpha(opacity)
    verdict = compress(saved(shadow, "PNG"), 50, PictureFormat.GIF, MAX_PIXELS)
    assert isinstance(verdict, Compressed)


def swapped(picture: Image.Image) -> Image.Image:
    red, green, *others = picture.convert("RGBA").split()
    return Image.merge("RGBA", (green, red, *others))


Mistake = Callable[[pytest.MonkeyPatch], None]


def wrong_palette(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        encode,
        "few_colours",
        lambda pictures, quality, moves: few_colours(map(swapped, pictures), quality, moves=moves),
    )


def wrong_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "true_colours", lambda picture: true_colours(swapped(picture)))


def another_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the C code had written something else."""
    other = jpeg(quality=10)
    monkeypatch.setattr(requantise, "requantised", lambda *_: Requantised(other, 0))


MISTAKES: dict[str, tuple[bytes, Mistake]] = {
    "gif": (saved(LOGO.painted().resize((64, 64)), "GIF", comment=b"x" * 4000), wrong_palette),
    "png": (saved(photo("RGBA"), "PNG"), wrong_colours),
    "webp": (saved(photo("RGBA"), "WEBP", lossless=True), wrong_colours),
    "avif": (saved(photo(), "AVIF", quality=100), wrong_colours),
    "jpeg without pixels": (saved(photo(seed=9).rotate(180), "JPEG", quality=95), another_picture),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_of_ours_is_seen_and_what_it_made_is_not_handed_out(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R06: done must mean right."""
    data, make = MISTAKES[name]
    assert isinstance(compress(data, 50, None, MAX_PIXELS), Compressed)
    make(monkeypatch)
    verdict = compress(data, 50, None, MAX_PIXELS)
    assert isinstance(verdict, Failure)
    assert verdict.code == "verification_failed"


@pytest.mark.parametrize(("picture_format", "one_in"), [("png", 16), ("webp", 16), ("jpeg", 32), ("gif", 32)])
def test_the_sample_is_a_share_of_all_images_and_the_same_each_time(picture_format: str, one_in: int) -> None:
    pictures = [number.to_bytes(4, "big") * 300 for number in range(8000)]
    chosen = [data for data in pictures if is_in_sample(data, 50, PictureFormat(picture_format))]
    assert 0.8 < one_in * len(chosen) / len(pictures) < 1.2
    assert all(is_in_sample(data, 50, PictureFormat(picture_format)) for data in chosen)
    assert not any(is_in_sample(data, LEAST_QUALITY - 1, PictureFormat.PNG) for data in pictures)
    below = LEAST_QUALITY_OF_FEW_COLOURS - 1
    assert not any(is_in_sample(data, below, PictureFormat.GIF) for data in pictures)
