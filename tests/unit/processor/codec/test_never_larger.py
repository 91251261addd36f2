"""Where the format stays no output is larger than what came, and looks as it did: of every format and mode,
turned, with a profile, of low quality, tiny, moving.
"""

import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.processor.codec.compress import compress
from services.processor.verdicts import Compressed
from tests.worlds.colour.files import COLOURED, STILL
from tests.worlds.colour.moving_files import MOVING, Disposal, Patch
from tests.worlds.colour.paintings import EXAMPLE, LOGO, Painting, paintings
from tests.worlds.colour.seen import Shown, distance, seen
from tests.worlds.files.pictures import SECRET, exif, moving, photo, png_chunk, saved, swapped_profile

EXAMPLES = int(os.environ.get("BROAD_SEARCH", "20"))
MAX_PIXELS = 1_000_000
NEAR = 32
FILES = {**STILL, **COLOURED}


def compressed(data: bytes, quality: int = 50) -> Compressed:
    verdict = compress(data, quality, None, MAX_PIXELS)
    assert isinstance(verdict, Compressed), verdict
    return verdict


def assert_no_larger_and_alike(data: bytes, quality: int) -> None:
    output = compressed(data, quality)
    assert len(output.data) <= len(data)
    assert (output.width, output.height) == seen(output.data)[0].picture.size
    assert distance(seen(data), seen(output.data)) <= NEAR


@pytest.mark.parametrize("name", FILES)
def test_no_output_is_larger_than_what_came(name: str) -> None:
    """R06"""
    assert_no_larger_and_alike(FILES[name](Painting(EXAMPLE.colours[1:]).painted()), 90)


@settings(max_examples=EXAMPLES)
@given(st.sampled_from(sorted(FILES)), paintings(), st.sampled_from((50, 80, 100)))
def test_of_any_painting_no_output_is_larger(name: str, painting: Painting, quality: int) -> None:
    """R06"""
    assert_no_larger_and_alike(FILES[name](painting.painted()), quality)


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("name", ["JPEG", "AVIF", "TIFF"])
def test_what_is_turned_and_small_already_is_kept_and_still_turned(name: str, orientation: int) -> None:
    """R06: a turned AVIF of low quality grew by half."""
    options = {"compression": "jpeg"} if name == "TIFF" else {}
    data = saved(photo(), name, quality=20, exif=exif(orientation), **options)
    output = compressed(data, 90)
    assert not output.recompressed
    assert len(output.data) <= len(data)
    assert SECRET not in output.data
    assert distance(seen(data), seen(output.data)) == 0
    assert (output.width, output.height) == seen(data)[0].picture.size


@pytest.mark.parametrize("name", ["JPEG", "WEBP", "AVIF", "TIFF", "PNG"])
def test_what_has_a_profile_and_is_small_already_is_kept_with_its_profile(name: str) -> None:
    """R06"""
    options = {"compression": "jpeg"} if name == "TIFF" else {}
    picture = photo(size=(300, 200)) if name != "PNG" else photo(size=(300, 200)).quantize(4)
    data = saved(picture, name, quality=20, icc_profile=swapped_profile(), exif=exif(), **options)
    output = compressed(data, 95)
    assert len(output.data) <= len(data)
    assert SECRET not in output.data
    assert distance(seen(data), seen(output.data)) <= NEAR


@pytest.mark.parametrize("options", [{"icc_profile": swapped_profile()}, {"exif": exif(6)}])
def test_an_animated_png_that_is_turned_or_has_a_profile_keeps_its_frames(options: dict[str, Any]) -> None:
    """R06: it came out as its first frame."""
    data = moving("PNG", **options)
    assert distance(seen(data), seen(compressed(data).data)) == 0


@pytest.mark.parametrize("quality", [20, 90])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_moving_avif_keeps_its_frames_and_their_times_and_loses_its_metadata(
    mode: str, quality: int
) -> None:
    """R06, R20: it became its first frame without a word."""
    frames = [photo(mode, seed=number) for number in range(4)]
    times = [50, 100, 70, 200]
    data = saved(
        frames[0],
        "AVIF",
        save_all=True,
        append_images=frames[1:],
        duration=times,
        quality=50,
        exif=exif(),
        xmp=SECRET,
    )
    output = compressed(data, quality)
    assert SECRET in data
    assert SECRET not in output.data
    assert len(output.data) <= len(data)
    assert [shown.milliseconds for shown in seen(output.data)] == times
    for dated in (b"mvhd", b"tkhd", b"mdhd"):  # else the same picture would be another file a second later
        at = output.data.index(dated) + 8
        assert output.data[at : at + 16] == bytes(16)
    assert distance(seen(data), seen(output.data)) <= NEAR


def test_a_moving_avif_whose_frames_differ_in_transparency_is_written() -> None:
    frames = [Image.new("RGBA", (64, 64), (200, 30, 40, alpha)) for alpha in (255, 90)]
    data = saved(frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=100, quality=100)
    assert distance([Shown(frame) for frame in frames], seen(compressed(data, 30).data)) <= NEAR


@pytest.mark.parametrize("name", MOVING)
def test_no_moving_output_is_larger(name: str) -> None:
    """R06"""
    part = Patch(LOGO.painted(), (16, 0), Disposal.CLEARED)
    data = MOVING[name](EXAMPLE.painted().size, [Patch(EXAMPLE.painted()), part, part])
    assert len(compressed(data).data) <= len(data)


def test_a_png_without_its_end_is_no_reason_to_grow() -> None:
    """R06: seen of files with flipped bytes."""
    data = saved(Image.new("L", (9, 9), 3), "PNG")[:-12]
    assert_no_larger_and_alike(data + b"\xff\xff\xff\xff" + SECRET, 50)
    assert SECRET not in compressed(data + b"\xff\xff\xff\xff" + SECRET).data


SMALL_PNG = saved(photo().quantize(4), "PNG", optimize=True)
TALKING_PNG = SMALL_PNG[:33] + png_chunk(b"tEXt", b"k\0") + SMALL_PNG[33:]
SMALL_JPEG = saved(photo(), "JPEG", quality=5)
SMALL_WEBPS = (saved(Image.new("RGB", (9, 9), (9, 9, shade)), "WEBP", lossless=True) for shade in range(99))
PADDED_WEBP = next(data for data in SMALL_WEBPS if data[16] % 2)
WITHOUT_END = {
    "a JPEG": (SMALL_JPEG, SMALL_JPEG[:-2]),
    "a JPEG with half of it": (SMALL_JPEG, SMALL_JPEG[:-1]),
    "a PNG": (SMALL_PNG, SMALL_PNG[:-12]),
    "a PNG with a cut in its checksum": (SMALL_PNG, SMALL_PNG[:-14]),
    "a PNG with a text and a cut in its checksum": (SMALL_PNG, TALKING_PNG[:-19]),
    "a WebP": (PADDED_WEBP, PADDED_WEBP[:-1]),
    "a WebP that does not count it": (
        PADDED_WEBP,
        PADDED_WEBP[:4] + (len(PADDED_WEBP) - 9).to_bytes(4, "little") + PADDED_WEBP[8:-1],
    ),
}


@pytest.mark.parametrize("quality", [50, 90])
@pytest.mark.parametrize("name", WITHOUT_END)
def test_what_lacks_its_end_is_kept_without_it_where_that_would_make_it_larger(
    monkeypatch: pytest.MonkeyPatch, name: str, quality: int
) -> None:
    """R06, R20: an end mark made such files up to 22 bytes larger. Compared are the completed ones."""
    monkeypatch.setattr("services.processor.codec.compress.is_in_sample", lambda *_: True)
    whole, data = WITHOUT_END[name]
    output = compressed(data, quality)
    assert not output.recompressed
    assert len(output.data) <= len(data)
    assert b"tEXt" not in output.data
    assert output.data == data or b"tEXt" in data
    assert compressed(output.data, quality) == output
    assert (output.width, output.height) == seen(whole)[0].picture.size


def test_a_jpeg_is_not_cut_where_a_marker_among_its_pixels_is_spoiled() -> None:
    """R06: decoders go on at the next one; what stood between was taken for metadata."""
    data = saved(photo(), "JPEG", quality=20, restart_marker_blocks=2).replace(b"\xff\xd1", b"\xff\x5a", 1)
    output = compressed(data, 95)
    assert not output.recompressed
    assert distance(seen(data), seen(output.data)) == 0


@pytest.mark.parametrize("progressive", [False, True])
def test_bytes_between_the_segments_of_a_jpeg_are_no_reason_to_grow(progressive: bool) -> None:  # noqa: FBT001
    """R06: every viewer passes them by."""
    data = saved(photo(), "JPEG", quality=20, progressive=progressive)
    for at in (data.index(b"\xff\xc4"), data.rindex(b"\xff\xda")):
        assert_no_larger_and_alike(data[:at] + SECRET + b"\xff\0" + data[at:], 90)
        assert SECRET not in compressed(data[:at] + SECRET + data[at:], 90).data


def test_a_bitmap_that_is_smaller_than_its_png_stays_one_without_what_is_hidden_in_it() -> None:
    """R06, R20"""
    data = saved(Image.new("RGB", (1, 1), (200, 30, 40)), "BMP")
    output = compressed(data + SECRET)
    assert (output.data, output.format) == (data, "bmp")
