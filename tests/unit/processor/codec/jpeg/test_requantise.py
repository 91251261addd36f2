"""The way from JPEG to JPEG without pixels gives what Pillow would, and leaves what is odd or hostile."""

import io
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.processor.codec.compress import compress
from services.processor.codec.jpeg import requantise
from services.processor.codec.jpeg.requantise import MOST_SCANS, Requantised, is_built, requantised
from services.processor.verdicts import Compressed
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import (
    NOTICEABLE_DECIBELS,
    SECRET,
    cmyk_jpeg,
    decibels,
    exif,
    noise,
    opened,
    photo,
    saved,
    swapped_profile,
)

SIZE = (403, 301)  # no multiple of a block
START_OF_SCAN, END = b"\xff\xda", b"\xff\xd9"
TAKEN: dict[str, dict[str, Any]] = {
    "4:2:0": {},
    "fine": {"quality": 100},
    "grey": {"mode": "L"},
    "progressive": {"progressive": True},
    "grey progressive": {"mode": "L", "progressive": True},
    "restart markers": {"restart_marker_blocks": 3},
    "Huffman tables of its own": {"optimize": True},
    "upright by its tag": {"exif": exif(1)},
}
LEFT = {
    "4:2:2": {"subsampling": 1},
    "4:4:4": {"subsampling": 0},
    "RGB inside": {"keep_rgb": True},
}
FLAT_GREY_BLOCKS = {1: b"\x28\xa2\x8a", 2: b"\x0f", 3: b"\x0f"}  # of 16 x 16 pixels, by component


def source(mode: str = "RGB", size: tuple[int, int] = SIZE, **options: Any) -> bytes:
    return saved(photo(mode, size), "JPEG", **{"quality": 90, **options})


def output(data: bytes, quality: int = 50) -> bytes:
    short = taken(data, quality)
    assert short is not None
    assert short.reading_seconds > 0
    return short.data


def taken(data: bytes, quality: int = 50) -> Requantised | None:
    with Image.open(io.BytesIO(data)) as header:
        return requantised(data, header.size, quality)


def in_scans(*components: int) -> bytes:
    """A grey picture, each of whose scans holds one component."""
    head = saved(photo(size=(16, 16)), "JPEG").partition(START_OF_SCAN)[0]
    tables = {1: 0x00, 2: 0x11, 3: 0x11}
    scans = [
        START_OF_SCAN + bytes((0, 8, 1, number, tables[number], 0, 63, 0)) + FLAT_GREY_BLOCKS[number]
        for number in components
    ]
    return b"".join((head, *scans, END))


@pytest.mark.parametrize("quality", [10, 50])
@pytest.mark.parametrize("options", TAKEN.values(), ids=TAKEN)
def test_it_is_as_near_to_the_original_as_pillow_with_the_same_tables_and_size(
    options: dict[str, Any], quality: int
) -> None:
    """R06"""
    data = source(**options)
    original, plain = opened(data), saved(opened(data), "JPEG", quality=quality)
    short = opened(output(data, quality))
    assert short.quantization == opened(plain).quantization  # type: ignore[attr-defined] # a JPEG has it
    assert (short.mode, short.size) == (original.mode, original.size)
    assert decibels(original, short) > decibels(original, opened(plain)) - NOTICEABLE_DECIBELS
    assert len(output(data, quality)) < len(plain) * 1.02


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (17, 9)], ids=str)
def test_a_file_of_any_size_keeps_it(size: tuple[int, int]) -> None:
    assert opened(output(source(size=size))).size == size


def test_the_output_is_baseline_and_has_no_metadata() -> None:
    data = output(source(exif=exif(1), comment=SECRET, progressive=True))
    assert SECRET not in data
    assert b"\xff\xc0" in data
    assert all(str(name).startswith("jfif") for name in opened(data).info)


@pytest.mark.parametrize("grey", range(256))
def test_what_lies_half_way_becomes_the_smaller_level_on_both_sides_of_zero(grey: int) -> None:
    """Quality 100 keeps a flat block's brightness to an eighth of a grey, 50 to two greys."""
    flat = saved(Image.new("L", (8, 8), grey), "JPEG", quality=100)
    away = abs(grey - 128) // 2 * 2
    wanted = 128 + away if grey > 128 else 128 - away
    assert opened(output(flat)).getextrema() == (wanted, wanted)


@pytest.fixture(scope="session")
def without_wide_registers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library as a processor without them runs it."""
    library = tmp_path_factory.mktemp("native") / "requantise.so"
    code = requantise.LIBRARY.with_suffix(".c")
    options = ("-DFOR_WIDER_REGISTERS=", "-O1", "-fPIC", "-shared")
    subprocess.run(["cc", *options, "-o", library, code, "-ljpeg"], check=True)
    return library


@pytest.mark.parametrize("options", TAKEN.values(), ids=TAKEN)
def test_wider_registers_make_no_difference(
    monkeypatch: pytest.MonkeyPatch, without_wide_registers: Path, options: dict[str, Any]
) -> None:
    sources = [source(**options), source(**options | {"size": (8, 700)})]
    usual = [output(data, quality) for data in sources for quality in (10, 50, 95)]
    monkeypatch.setattr(requantise, "LIBRARY", without_wide_registers)
    monkeypatch.setattr(requantise, "_requantise", requantise._requantise.__wrapped__)
    assert [output(data, quality) for data in sources for quality in (10, 50, 95)] == usual


def test_a_quality_beyond_the_sources_keeps_every_level() -> None:
    data = source(quality=75)
    same, finer = opened(output(data, 75)), opened(output(data, 95))
    assert decibels(opened(data), same) > 90
    assert decibels(opened(data), finer) > 40


@pytest.mark.parametrize("options", LEFT.values(), ids=LEFT)
def test_what_takes_pixels_is_left(options: dict[str, Any]) -> None:
    assert taken(source(**options)) is None


def test_a_file_of_four_colours_is_left() -> None:
    assert taken(cmyk_jpeg()) is None


def test_tables_of_sixteen_bits_are_left() -> None:
    before, mark, after = source("L").partition(b"\xff\xdb\x00\x43\x00")
    wide = b"\xff\xdb\x00\x83\x10" + b"".join((value + 256).to_bytes(2, "big") for value in after[:64])
    assert mark
    assert taken(before + wide + after[64:], 1) is None


@pytest.mark.parametrize("place", [0, 1, 2])
def test_levels_that_no_pixels_make_are_left_and_look_as_they_did(place: int) -> None:
    """Of a table with a flipped bit. They were clamped, which was another picture."""
    data = bytearray(source("L"))
    data[data.index(b"\xff\xdb\x00\x43\x00") + 5 + place] = 255
    assert taken(bytes(data)) is None
    verdict = compress(bytes(data), 50, None, 1_000_000)
    assert isinstance(verdict, Compressed)
    assert decibels(opened(bytes(data)), opened(verdict.data)) > 30


def test_the_sharpest_edges_and_the_finest_steps_are_taken() -> None:
    edges = noise((64, 64)).point([0] * 128 + [255] * 128)
    assert all(taken(saved(edges, "JPEG", quality=quality)) is not None for quality in range(1, 101))


def test_a_file_of_another_size_than_was_promised_is_left() -> None:
    assert requantised(source(), (403, 300), 50) is None


@pytest.mark.parametrize("spoiled", ["truncated", "without an end", "noise in the middle", "arithmetic"])
def test_whatever_libjpeg_so_much_as_warns_of_is_left(spoiled: str) -> None:
    data = source()
    odd = {
        "truncated": data[: len(data) // 2],
        "without an end": data[:-2],
        "noise in the middle": data[:3000] + b"\xff\xc0\xff\xd9" * 20 + data[3080:],
        "arithmetic": data.replace(b"\xff\xc0", b"\xff\xc9", 1),
    }
    assert requantised(odd[spoiled], SIZE, 50) is None


def test_a_file_whose_scans_are_not_all_there_is_left() -> None:
    assert taken(in_scans(1, 2, 3)) is not None
    assert taken(in_scans(1, 2)) is None
    progressive = source(progressive=True)
    assert taken(progressive[: progressive.rindex(START_OF_SCAN)] + END) is None


def test_a_file_of_endless_scans_is_left() -> None:
    assert taken(in_scans(*[1] * (MOST_SCANS - 2), 2, 3)) is not None
    assert taken(in_scans(*[1] * MOST_SCANS, 2, 3)) is None


def test_what_would_grow_far_beyond_its_source_is_left() -> None:
    assert taken(source(quality=10), 100) is None


def test_more_memory_than_is_allowed_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requantise, "MOST_MEMORY_BYTES", 100_000)
    assert taken(source()) is None


@pytest.mark.parametrize("options", [{}, {"mode": "L"}, {"progressive": True}], ids=str)
def test_a_file_with_wrong_or_missing_bytes_gives_a_picture_of_its_size_or_is_left(
    options: dict[str, Any],
) -> None:
    data = source(size=(99, 67), **options)
    chance = random.Random(6)
    spoiled = [data[: len(data) * part // 64] for part in range(1, 64)]
    for _ in range(300):
        flipped = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        spoiled.append(bytes(flipped))
    results = [requantised(odd, (99, 67), chance.choice([1, 50, 100])) for odd in spoiled]
    assert all(opened(short.data).size == (99, 67) for short in results if short is not None)
    assert None in results


@pytest.mark.parametrize(
    ("data", "is_short"),
    [
        (source(), True),
        (source("L"), True),
        (source(subsampling=0), False),
        (source(exif=exif(6)), False),
        (source(icc_profile=swapped_profile()), False),
        (saved(photo(), "PNG"), False),
    ],
    ids=["plain", "grey", "4:4:4", "turned", "profile", "png"],
)
def test_only_what_needs_no_pixels_goes_this_way(
    monkeypatch: pytest.MonkeyPatch, *, data: bytes, is_short: bool
) -> None:
    results: list[Requantised | None] = []

    def remembered(data: bytes, size: tuple[int, int], quality: int) -> Requantised | None:
        results.append(requantised(data, size, quality))
        return results[-1]

    monkeypatch.setattr(requantise, "requantised", remembered)
    verdict = compress(data, 50, PictureFormat.JPEG, 1_000_000)
    assert isinstance(verdict, Compressed)
    assert any(results) == is_short
    assert verdict.decode_ms > 0
    assert verdict.encode_ms > 0


@pytest.mark.parametrize(("quality", "is_short"), [(60, True), (61, False)])
def test_a_high_quality_is_made_from_pixels(
    monkeypatch: pytest.MonkeyPatch, *, quality: int, is_short: bool
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(requantise, "requantised", lambda _data, _size, quality: asked.append(quality))
    assert isinstance(compress(source(), quality, None, 1_000_000), Compressed)
    assert bool(asked) == is_short


@pytest.fixture
def _unbuilt(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine where there was no compiler."""
    monkeypatch.setattr(requantise, "LIBRARY", Path("/nowhere/requantise.so"))
    requantise._requantise.cache_clear()
    yield
    requantise._requantise.cache_clear()


@pytest.mark.usefixtures("_unbuilt")
def test_without_the_library_pixels_do() -> None:
    assert not is_built()
    verdict = compress(source(), 50, None, 1_000_000)
    assert isinstance(verdict, Compressed)
    assert opened(verdict.data).size == SIZE
