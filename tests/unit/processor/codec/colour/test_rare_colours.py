"""Colours and depths that few programs write: clear greys, gammas, primaries, profiles, 16 and 32 bits."""

import zlib
from collections.abc import Sequence

import pytest
from PIL import Image

from services.processor.codec.colour.profiles import profile_of
from services.processor.codec.png.sound_chunks import without_broken_chunks
from services.processor.formats.png_chunks import chunks
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import (
    corner,
    is_near,
    photo,
    png_chunk,
    saved,
    swapped_profile,
)
from tests.worlds.files.rare_pictures import CLEAR_AND_RED, GREY, WHITE, compressed, numbers, png

ORIENTATION, SAMPLE_FORMAT = 274, 339
SIGNED = b"\x53\1\3\0\1\0\0\0\2\0"  # a tag of a TIFF
LINEAR, OLD_MAC, USUAL = 100_000, 55_556, 45_455  # gAMA
SRGB_PRIMARIES = (31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)
P3_PRIMARIES = (31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000)


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_the_clear_grey_of_a_png_is_clear_at_every_depth(depth: int) -> None:
    """The left half is white and clear, the right half black."""
    row = (2 ** (16 * depth) - 1 << 16 * depth).to_bytes(4 * depth, "big")
    clear = png_chunk(b"tRNS", (2**depth - 1).to_bytes(2, "big"))
    picture = compressed(png((32, 32), depth, 0, [row] * 32, clear), PictureFormat.WEBP)
    assert picture.mode == "RGBA"
    alpha = picture.getchannel("A")
    assert (alpha.getpixel((4, 4)), alpha.getpixel((28, 4))) == (0, 255)


@pytest.mark.parametrize("wanted", [None, *sorted(set(PictureFormat) - {PictureFormat.JPEG})])
@pytest.mark.parametrize(
    "data",
    [
        png((32, 32), 8, 3, [b"\0" * 16 + b"\1" * 16] * 32, CLEAR_AND_RED, png_chunk(b"tRNS", b"\0\xff")),
        png((32, 32), 8, 2, [(WHITE * 3) * 16 + bytes(48)] * 32, png_chunk(b"tRNS", b"\0\xff" * 3)),
        png((32, 32), 1, 0, [b"\xff\xff\0\0"] * 32, png_chunk(b"tRNS", b"\0\1")),
        saved(Image.frombytes("P", (32, 32), (b"\0" * 16 + b"\1" * 16) * 32), "GIF", transparency=0),
    ],
    ids=["palette", "colours", "grey", "GIF"],
)
def test_a_colour_that_is_clear_is_clear_in_every_format_that_can(
    data: bytes, wanted: PictureFormat | None
) -> None:
    """The left half is. A TIFF showed what is behind it."""
    alpha = compressed(data, wanted).convert("RGBA").getchannel("A")
    assert (alpha.getpixel((4, 4)), alpha.getpixel((28, 4))) == (0, 255)


@pytest.mark.parametrize(
    ("chunks", "shown"),
    [
        ((), 128),
        ((numbers(b"gAMA", USUAL),), 128),
        ((numbers(b"gAMA", LINEAR),), 188),
        ((numbers(b"gAMA", OLD_MAC),), 146),
        ((png_chunk(b"sRGB", b"\0"), numbers(b"gAMA", LINEAR)), 128),
        ((numbers(b"gAMA", 0),), 128),
    ],
)
@pytest.mark.parametrize(("kind", "samples"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_the_gamma_of_a_png_is_obeyed(kind: int, samples: int, chunks: Sequence[bytes], shown: int) -> None:
    pixel = GREY * (samples - 1) + WHITE if kind >= 4 else GREY * samples
    picture = compressed(png((40, 40), 8, kind, [pixel * 40] * 40, *chunks), PictureFormat.PNG)
    assert is_near(corner(picture), (shown,) * 3, 3)


def test_the_primaries_of_a_png_are_obeyed() -> None:
    """sRGB's red, as Display P3 counts it, comes back as sRGB's."""
    red_in_p3 = bytes((234, 51, 35))
    chunks = numbers(b"gAMA", USUAL), numbers(b"cHRM", *P3_PRIMARIES)
    picture = compressed(png((40, 40), 8, 2, [red_in_p3 * 40] * 40, *chunks), PictureFormat.PNG)
    assert is_near(corner(picture), (255, 0, 0), 8)


def test_primaries_without_a_gamma_are_not_heeded() -> None:
    """As in browsers."""
    red = bytes((234, 51, 35))
    picture = compressed(png((40, 40), 8, 2, [red * 40] * 40, numbers(b"cHRM", *P3_PRIMARIES)))
    assert is_near(corner(picture), tuple(red), 3)


def test_primaries_that_cannot_be_cost_nothing_but_themselves() -> None:
    chunks = numbers(b"gAMA", LINEAR), numbers(b"cHRM", *([0] * 8))
    picture = compressed(png((40, 40), 8, 2, [GREY * 3 * 40] * 40, *chunks), PictureFormat.PNG)
    assert is_near(corner(picture), (128, 128, 128), 3)


def test_of_primaries_with_more_than_eight_numbers_the_first_eight_are_read() -> None:
    """By Pillow, which refuses fewer: profile_of counts on it."""
    chunks = numbers(b"gAMA", USUAL), numbers(b"cHRM", *SRGB_PRIMARIES, 1, 2)
    picture = compressed(png((40, 40), 8, 2, [GREY * 3 * 40] * 40, *chunks), PictureFormat.PNG)
    assert is_near(corner(picture), (128, 128, 128), 3)


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_a_grey_profile_is_obeyed_with_and_without_transparency(mode: str) -> None:
    linear = profile_of({"gamma": 1.0}, grey=True)
    greys: dict[str, int | tuple[int, int]] = {"L": 128, "LA": (128, 200), "I;16": 128 * 257}
    data = saved(Image.new(mode, (40, 40), greys[mode]), "PNG", icc_profile=linear)
    assert is_near(corner(compressed(data)), (188,) * 3, 3)


@pytest.mark.parametrize("grey", [True, False])
def test_a_profile_is_obeyed_on_deep_grey_with_transparency(grey: bool) -> None:  # noqa: FBT001
    linear = profile_of({"gamma": 1.0}, grey=grey)
    assert linear is not None
    profile = png_chunk(b"iCCP", b"x\0\0" + zlib.compress(linear))
    data = png((40, 40), 16, 4, [(GREY * 2 + b"\xc0\0") * 40] * 40, profile)
    assert is_near(corner(compressed(data)), (188,) * 3, 3)


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_a_profile_of_colours_is_obeyed_on_grey(mode: str) -> None:
    """As browsers do; programs keep the profile when a photograph is made grey."""
    linear = profile_of({"gamma": 1.0}, grey=False)
    greys: dict[str, int | tuple[int, int]] = {"L": 128, "LA": (128, 200), "I;16": 128 * 257}
    data = saved(Image.new(mode, (40, 40), greys[mode]), "PNG", icc_profile=linear)
    assert is_near(corner(compressed(data)), (188,) * 3, 3)


@pytest.mark.parametrize("mode", ["I;16", "I;16B"])
def test_sixteen_bits_of_a_tiff_are_read_in_either_order(mode: str) -> None:
    data = saved(Image.new(mode, (40, 40), 0x4000), "TIFF")
    assert is_near(corner(compressed(data)), (64, 64, 64), 2)


@pytest.mark.parametrize("turned", [1, 6])
@pytest.mark.parametrize(("mode", "level"), [("I;16", 0x4000), ("F", 0.25)])
def test_a_deep_tiff_whose_white_is_zero_is_turned(mode: str, level: float, turned: int) -> None:
    data = bytearray(saved(Image.new(mode, (40, 40), level), "TIFF", tiffinfo={ORIENTATION: turned}))
    photometric = data.index(b"\x06\x01\x03\0") + 8
    data[photometric] = 0
    assert is_near(corner(compressed(bytes(data))), (191, 191, 191), 2)


@pytest.mark.parametrize("turned", [1, 6])
@pytest.mark.parametrize(
    ("signed", "brightest", "shown"),
    [(False, 2**32 - 1, 127), (False, 2**31, 127), (False, 65_535, 127), (True, -9, 0)],
)
def test_grey_of_32_bits_is_scaled_to_its_brightest_pixel(
    brightest: int, shown: int, turned: int, *, signed: bool
) -> None:
    """Pillow reads what is above 2**31 as negative. The left half is half as bright."""
    half, whole = (level.to_bytes(4, "little", signed=signed) for level in (brightest // 2, brightest))
    blank = saved(Image.new("I", (40, 40)), "TIFF", tiffinfo={ORIENTATION: turned})
    data = bytearray(blank[:-6400] + (half * 20 + whole * 20) * 40)
    data[data.index(SIGNED) + 8] = 2 if signed else 1
    picture = compressed(bytes(data), PictureFormat.PNG).convert("L")
    assert (picture.getpixel((2, 2)), picture.getpixel((38, 38))) == (shown, 2 * shown and 255)


@pytest.mark.parametrize("turned", [1, 6])
@pytest.mark.parametrize(
    ("level", "shown"), [(-32_768, 0), (-16_384, 64), (0, 128), (6_553, 153), (32_767, 255)]
)
def test_signed_grey_of_16_bits_goes_from_its_least_number_to_its_greatest(
    level: int, shown: int, turned: int
) -> None:
    """As TIFF says where a file does not, and as ImageMagick writes and reads it."""
    same_bits = Image.new("I;16", (40, 40), level % 2**16)
    data = saved(same_bits, "TIFF", tiffinfo={ORIENTATION: turned, SAMPLE_FORMAT: 2})
    assert is_near(corner(compressed(data, PictureFormat.PNG)), (shown,) * 3, 1)


def test_a_long_profile_is_obeyed() -> None:
    """R06: a scanner's has megabytes."""
    short, lengthy = (
        compressed(saved(photo(), "PNG", icc_profile=swapped_profile() + bytes(more))).convert("RGB")
        for more in (0, 2_000_000)
    )
    assert lengthy.tobytes() == short.tobytes() != compressed(saved(photo(), "PNG")).convert("RGB").tobytes()


def test_of_many_profiles_the_first_is_obeyed_and_no_other_unpacked() -> None:
    """R20: each could be of megabytes, in a chunk of some thousand bytes."""
    first = saved(photo(), "PNG", icc_profile=swapped_profile())
    (chunk,) = (each for each in chunks(first) if each.kind == b"iCCP")
    others = png_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(1_000))) * 3
    assert without_broken_chunks(first[: chunk.end] + others + first[chunk.end :]) == first


def test_a_gamma_so_steep_that_all_would_be_white_is_none() -> None:
    assert profile_of({"gamma": 2**32 / 100_000}, grey=True) is None
