"""The way from JPEG to JPEG by its pixels alone gives what Pillow would, and leaves odd files to it."""

from typing import Any

import pytest

from services.processor.codec import encode
from services.processor.codec.compress import compress
from services.processor.codec.jpeg.turbo import jpeg_of, pixels_of
from services.processor.verdicts import Compressed, Failure
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import (
    NOTICEABLE_DECIBELS,
    cmyk_jpeg,
    decibels,
    exif,
    jpeg,
    opened,
    photo,
    saved,
    swapped_profile,
)

SIZE = (403, 301)  # no multiple of a block
SOURCES: dict[str, dict[str, Any]] = {
    "4:2:0": {},
    "4:2:2": {"subsampling": 1},
    "4:4:4": {"subsampling": 0},
    "progressive": {"progressive": True},
    "restart markers": {"restart_marker_blocks": 3},
    "upright by its tag": {"exif": exif(1)},
    "RGB inside": {"keep_rgb": True},
}


def source(mode: str = "RGB", **options: Any) -> bytes:
    return saved(photo(mode, SIZE), "JPEG", **{"quality": 90, **options})


def output(data: bytes, quality: int) -> bytes:
    mode = opened(data).mode
    pixels = pixels_of(data, mode)
    assert pixels is not None
    return jpeg_of(pixels, mode, quality)


@pytest.mark.parametrize("quality", [10, 50, 80])
@pytest.mark.parametrize("options", SOURCES.values(), ids=SOURCES)
def test_it_is_as_near_to_the_original_as_pillow_with_the_same_tables_and_size(
    options: dict[str, Any], quality: int
) -> None:
    """R06"""
    data = source(**options)
    original, short = opened(data), opened(output(data, quality))
    plain = saved(original, "JPEG", quality=quality)
    assert short.quantization == opened(plain).quantization  # type: ignore[attr-defined] # a JPEG has it
    assert (short.mode, short.size) == (original.mode, SIZE)
    assert decibels(original, short) > decibels(original, opened(plain)) - NOTICEABLE_DECIBELS
    assert len(output(data, quality)) < len(plain) * 1.02


def test_a_grey_photograph_stays_grey_and_as_near_to_the_original() -> None:
    data = source("L")
    original, short = opened(data), opened(output(data, 50))
    assert short.mode == "L"
    plain = opened(saved(original, "JPEG", quality=50))
    assert decibels(original, short) > decibels(original, plain) - NOTICEABLE_DECIBELS


@pytest.mark.parametrize("spoiled", ["truncated", "without an end", "noise in the middle"])
def test_a_file_that_is_odd_is_left_to_the_long_way(spoiled: str) -> None:
    data = source()
    odd = {
        "truncated": data[: len(data) // 2],
        "without an end": data[:-2],
        "noise in the middle": data[:3000] + b"\xff\xc0\xff\xd9" * 20 + data[3080:],
    }
    assert pixels_of(odd[spoiled], "RGB") is None


def test_a_file_of_four_colours_is_left_to_the_long_way() -> None:
    assert pixels_of(cmyk_jpeg(), "CMYK") is None


@pytest.mark.parametrize(
    ("data", "is_short"),
    [
        (source(subsampling=0), True),
        (source(subsampling=1), True),
        (source(), False),
        (source(exif=exif(6)), False),
        (source(icc_profile=swapped_profile()), False),
        (saved(photo(), "PNG"), False),
        (cmyk_jpeg(), False),
    ],
    ids=["4:4:4", "4:2:2", "can do without pixels", "turned", "profile", "png", "cmyk"],
)
def test_only_what_needs_its_pixels_but_no_change_of_them_goes_this_way(
    monkeypatch: pytest.MonkeyPatch, *, data: bytes, is_short: bool
) -> None:
    taken: list[bytes] = []

    def remembered(pixels: Any, mode: str, quality: int) -> bytes:
        short = jpeg_of(pixels, mode, quality)
        taken.append(short)
        return short

    monkeypatch.setattr(encode, "jpeg_of", remembered)
    assert isinstance(compress(data, 50, PictureFormat.JPEG, 1_000_000), Compressed)
    assert bool(taken) == is_short


def test_the_pixel_limit_holds_before_any_short_way() -> None:
    verdict = compress(jpeg(), 50, None, 100)
    assert isinstance(verdict, Failure)
    assert verdict.code == "too_many_pixels"
