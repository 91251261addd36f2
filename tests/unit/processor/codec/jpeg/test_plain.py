"""A JPEG that says nothing but its picture is not opened, and the same becomes of it as if it were."""

import random
from typing import Any
from unittest.mock import patch

import pytest

from services.processor.codec import compress as module
from services.processor.codec import opening as opening_module
from services.processor.codec.compress import compress
from services.processor.codec.jpeg.plain import plain_size
from services.processor.formats import jpeg_segments
from services.processor.verdicts import Compressed, Failure
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import cmyk_jpeg, exif, photo, saved, swapped_profile

SIZE = (99, 67)
SEED = 20_261_126
PLAIN: dict[str, dict[str, Any]] = {
    "4:2:0": {},
    "4:4:4": {"subsampling": 0},
    "grey": {"mode": "L"},
    "progressive": {"progressive": True},
    "restart markers": {"restart_marker_blocks": 3},
    "a comment": {"comment": b"by hand"},
}
SAYS_MORE: dict[str, dict[str, Any]] = {
    "turned": {"exif": exif(6)},
    "upright by its tag": {"exif": exif(1)},
    "profile": {"icc_profile": swapped_profile()},
    "RGB inside": {"keep_rgb": True},
}


def source(mode: str = "RGB", **options: Any) -> bytes:
    return saved(photo(mode, SIZE), "JPEG", **{"quality": 90, **options})


def opened(data: bytes, **options: Any) -> Compressed | Failure:
    """What becomes of it where it is opened, as every file once was."""
    with patch.object(module, "plain_size", lambda _: None):
        return result(data, **options)


def result(
    data: bytes, quality: int = 50, wanted: PictureFormat | None = None, max_pixels: int = 1_000_000
) -> Compressed | Failure:
    return compress(data, quality, wanted, max_pixels)


@pytest.mark.parametrize("options", PLAIN.values(), ids=PLAIN)
def test_a_plain_one_is_known_by_its_markers(options: dict[str, Any]) -> None:
    """R06"""
    assert plain_size(source(**options)) == SIZE


@pytest.mark.parametrize("options", SAYS_MORE.values(), ids=SAYS_MORE)
def test_one_that_says_more_is_opened(options: dict[str, Any]) -> None:
    """R06"""
    assert plain_size(source(**options)) is None


def test_a_file_of_four_colours_is_opened() -> None:
    assert plain_size(cmyk_jpeg()) is None


def test_nothing_of_pillow_is_asked_of_a_plain_file() -> None:
    """R24"""
    with (
        patch.object(opening_module, "open_source", side_effect=AssertionError),
        patch.object(module, "is_in_sample", lambda *_: False),
    ):
        assert isinstance(result(source()), Compressed)


def test_the_pixels_of_a_plain_file_are_not_looked_through_for_markers() -> None:
    """R24"""
    with (
        patch.object(jpeg_segments, "_NEXT_MARKER") as marker_behind_pixels,
        patch.object(module, "is_in_sample", lambda *_: False),
    ):
        assert isinstance(result(source()), Compressed)
    marker_behind_pixels.search.assert_not_called()


@pytest.mark.parametrize("options", (PLAIN | SAYS_MORE).values(), ids=PLAIN | SAYS_MORE)
@pytest.mark.parametrize("asked", [{}, {"quality": 90}, {"wanted": PictureFormat.PNG}, {"max_pixels": 100}])
def test_the_same_becomes_of_it_as_if_it_were_opened(options: dict[str, Any], asked: dict[str, Any]) -> None:
    """R06"""
    data = source(**options)
    assert result(data, **asked) == opened(data, **asked)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"comment": b"by hand"}], ids=str)
def test_whatever_is_wrong_with_its_header_the_verdict_is_the_same(options: dict[str, Any]) -> None:
    """R20"""
    data = source(**options)
    head = data.index(b"\xff\xda") + 12
    chance = random.Random(SEED)
    for _ in range(400):
        odd = bytearray(data)
        for _ in range(chance.randint(1, 3)):
            odd[chance.randrange(2, head)] = chance.choice([0, 1, 0xFF, chance.randrange(256)])
        assert result(bytes(odd)) == opened(bytes(odd)), (SEED, bytes(odd[:head]))
