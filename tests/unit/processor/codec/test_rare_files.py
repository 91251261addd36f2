"""Files that few programs write and every fetcher meets: depths, colours, frames, limits."""

import io
import struct
import tracemalloc
import zlib
from collections.abc import Sequence

import pytest
from PIL import Image, PngImagePlugin

from services.processor.codec.colour.profiles import profile_of
from services.processor.codec.compress import compress
from services.processor.codec.png.sound_chunks import MAX_PROFILE_BYTES, without_broken_chunks
from services.processor.formats.png_chunks import chunks
from services.processor.verdicts import Compressed, Failure
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import (
    SECRET,
    corner,
    exif,
    is_near,
    jpeg,
    moving,
    opened,
    photo,
    png_chunk,
    saved,
    swapped_profile,
)

MAX_PIXELS = 1_000_000
ORIENTATION, SAMPLE_FORMAT = 274, 339
SIGNED = b"\x53\1\3\0\1\0\0\0\2\0"  # a tag of a TIFF
GREY, WHITE = b"\x80", b"\xff"
CLEAR_AND_RED = png_chunk(b"PLTE", bytes([0, 200, 0, 200, 0, 0]))
LINEAR, OLD_MAC, USUAL = 100_000, 55_556, 45_455  # gAMA
SRGB_PRIMARIES = (31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)
P3_PRIMARIES = (31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000)


def compressed(data: bytes, wanted: PictureFormat | None = None) -> Image.Image:
    verdict = compress(data, 50, wanted, MAX_PIXELS)
    assert isinstance(verdict, Compressed), verdict
    assert wanted is not None or len(verdict.data) <= len(data)
    return opened(verdict.data)


def code(data: bytes, wanted: PictureFormat | None = None) -> str:
    verdict = compress(data, 50, wanted, MAX_PIXELS)
    assert isinstance(verdict, Failure), verdict
    return verdict.code


def png(size: tuple[int, int], depth: int, kind: int, rows: Sequence[bytes], *chunks: bytes) -> bytes:
    """Written byte by byte, as Pillow would not."""
    header = b"".join(side.to_bytes(4, "big") for side in size) + bytes([depth, kind, 0, 0, 0])
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    body = (png_chunk(b"IHDR", header), *chunks, png_chunk(b"IDAT", pixels), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def numbers(kind: bytes, *values: int) -> bytes:
    return png_chunk(kind, b"".join(value.to_bytes(4, "big") for value in values))


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


TIFF_SECRETS = {270: SECRET.decode(), 315: SECRET.decode(), 700: SECRET * 9, 33723: SECRET, 34377: SECRET}


@pytest.mark.parametrize("wanted", [None, *PictureFormat])
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"])
def test_no_tag_of_a_tiff_is_carried_on(mode: str, wanted: PictureFormat | None) -> None:
    """R20: descriptions, XMP, IPTC and what Photoshop remembers."""
    picture = photo() if mode != "LA" else photo("RGBA")
    picture = Image.new("I;16", (96, 64), 900) if mode == "I;16" else picture.convert(mode)
    data = saved(picture, "TIFF", tiffinfo=TIFF_SECRETS)
    verdict = compress(data, 50, wanted, MAX_PIXELS)
    assert isinstance(verdict, Compressed)
    assert SECRET in data
    assert SECRET not in verdict.data


@pytest.mark.parametrize(("loop", "plays"), [(None, 1), (0, 0), (3, 4)])
def test_a_moving_gif_is_played_as_often_as_before(loop: int | None, plays: int) -> None:
    """A GIF says how often it is repeated, or nothing; WebP says how often it is played."""
    data = moving("GIF", **({} if loop is None else {"loop": loop}))
    assert compressed(data).info.get("loop") == loop
    assert compressed(data, PictureFormat.WEBP).info["loop"] == plays


@pytest.mark.parametrize("name", ["PNG", "WEBP"])
def test_a_moving_picture_becomes_a_webp_of_the_same_times_and_plays(name: str) -> None:
    frames = [photo(seed=number) for number in range(3)]
    data = saved(frames[0], name, save_all=True, append_images=frames[1:], duration=[50, 70, 90], loop=2)
    verdict = compress(data, 50, PictureFormat.WEBP, MAX_PIXELS)
    assert isinstance(verdict, Compressed)
    picture = Image.open(io.BytesIO(verdict.data))
    times = []
    for number in range(3):
        picture.seek(number)
        picture.load()
        times.append(picture.info["duration"])
    assert (picture.info["loop"], times) == (2, [50, 70, 90])


def with_wrong_checksum(kind: bytes, body: bytes) -> bytes:
    return png_chunk(kind, body)[:-1] + b"!"


BROKEN_BESIDE = {
    "a text with a wrong checksum": with_wrong_checksum(b"tEXt", b"Author\0somebody"),
    "a profile with a wrong checksum": with_wrong_checksum(b"iCCP", b"x\0\0" + zlib.compress(bytes(99))),
    "a text that is packed otherwise": png_chunk(b"zTXt", b"Author\0\5somebody"),
    "a long text, packed": png_chunk(b"zTXt", b"Author\0\0" + zlib.compress(bytes(2_000_000))),
    "long XMP, packed": png_chunk(b"iTXt", b"XMP\0\1\0\0\0" + zlib.compress(bytes(2_000_000))),
    "a profile that is packed otherwise": png_chunk(b"iCCP", b"x\0\5" + zlib.compress(bytes(99))),
    "a profile without a byte": png_chunk(b"iCCP", b""),
    "a profile of a name alone": png_chunk(b"iCCP", b"sRGB"),
    "a profile that is not packed": png_chunk(b"iCCP", b"x\0\0profile"),
    "a gamma of one byte": png_chunk(b"gAMA", b"\1"),
    "primaries of one byte": png_chunk(b"cHRM", b"\1"),
    "a resolution of one byte": png_chunk(b"pHYs", b"\1"),
    "an intent without a byte": png_chunk(b"sRGB", b""),
    "a clear colour of one byte": png_chunk(b"tRNS", b"\1"),
    "frames of one byte": png_chunk(b"acTL", b"\1"),
    "two frames that are not there": png_chunk(b"acTL", b"\0\0\0\2\0\0\0\0"),
    "one frame that is not there": png_chunk(b"acTL", b"\0\0\0\1\0\0\0\0"),
}


@pytest.mark.parametrize("wanted", [None, PictureFormat.WEBP, PictureFormat.AVIF])
@pytest.mark.parametrize("name", BROKEN_BESIDE)
def test_what_a_png_says_beside_its_pixels_and_is_broken_costs_nothing_but_itself(
    name: str, wanted: PictureFormat | None
) -> None:
    """R09: every viewer shows such a picture."""
    plain = saved(photo(), "PNG")
    picture = compressed(plain[:33] + BROKEN_BESIDE[name] + plain[33:], wanted)
    assert (picture.size, getattr(picture, "n_frames", 1)) == (photo().size, 1)
    assert picture.convert("RGB").tobytes() == compressed(plain, wanted).convert("RGB").tobytes()


EXPLODES = {
    "a text": (b"zTXt", b"a\0\0"),
    "a text in a language": (b"iTXt", b"a\0\1\0\0\0"),
    "a profile": (b"iCCP", b"a\0\0"),
}


@pytest.mark.parametrize("name", EXPLODES)
def test_what_explodes_beside_the_pixels_is_left_out(name: str) -> None:
    """R09, R20: as every viewer does; and nobody holds what it would become."""
    kind, begin = EXPLODES[name]
    plain, bomb = saved(photo(), "PNG"), begin + zlib.compress(bytes(100_000_000))
    tracemalloc.start()
    picture = compressed(plain[:33] + png_chunk(kind, bomb) + plain[33:])
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert picture.convert("RGB").tobytes() == compressed(plain).convert("RGB").tobytes()
    assert most_bytes < 4 * MAX_PROFILE_BYTES


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


def pixels_of(plain: bytes) -> bytes:
    return zlib.decompress(b"".join(plain[chunk.body] for chunk in chunks(plain) if chunk.kind == b"IDAT"))


def _with_pixels(plain: bytes, packed: bytes, checksum: int = 0) -> bytes:
    chunk = bytearray(png_chunk(b"IDAT", packed))
    chunk[-1] ^= checksum
    return plain[:33] + bytes(chunk) + png_chunk(b"IEND", b"")


def _cut_in_its_checksum(plain: bytes, packed: bytes) -> bytes:
    return plain[:33] + png_chunk(b"IDAT", packed)[: -4 - 3]


ALL_PIXELS = {
    "without their checksum": lambda plain, packed: _with_pixels(plain, packed[:-4]),
    "with half a checksum": lambda plain, packed: _with_pixels(plain, packed[:-2]),
    "with a wrong checksum": lambda plain, packed: _with_pixels(plain, packed[:-1] + b"!"),
    "in a chunk with a wrong one": lambda plain, packed: _with_pixels(plain, packed, checksum=1),
    "and a cut after them": _cut_in_its_checksum,
}


@pytest.mark.parametrize("wanted", [None, PictureFormat.WEBP])
@pytest.mark.parametrize("name", ALL_PIXELS)
def test_a_png_that_has_all_its_pixels_is_whole(name: str, wanted: PictureFormat | None) -> None:
    """R09: every viewer shows such a picture; of two checksums one is enough."""
    for picture in (photo(), Image.new("RGB", (400, 400), "red")):
        plain = saved(picture, "PNG")
        mended = compressed(ALL_PIXELS[name](plain, zlib.compress(pixels_of(plain))), wanted)
        assert mended.convert("RGB").tobytes() == compressed(plain, wanted).convert("RGB").tobytes()


def test_a_png_whose_checksums_are_both_wrong_is_damaged() -> None:
    """R09, R19: a pixel is another one, as far as anybody can tell."""
    plain = saved(photo(), "PNG")
    packed = zlib.compress(pixels_of(plain))
    assert code(_with_pixels(plain, packed[:-1] + bytes([packed[-1] ^ 1]), checksum=1)) == "damaged"


def test_an_animated_png_that_is_cut_off_is_damaged() -> None:
    """R09, R19: its first frame alone would be another picture."""
    data = moving("PNG")
    assert {code(data[: len(data) * part // 8]) for part in range(1, 8)} == {"damaged"}


@pytest.mark.parametrize("wanted", [None, PictureFormat.WEBP])
@pytest.mark.parametrize("at", [4, 40, -6, -1], ids=["head", "pixels", "pixels' checksum", "checksum"])
@pytest.mark.parametrize("number", [0, 2], ids=["second", "last"])
def test_an_animated_png_with_a_spoiled_frame_is_damaged(
    number: int, at: int, wanted: PictureFormat | None
) -> None:
    """R09, R19: also where it would be kept as it came."""
    whole = moving("PNG")
    data, frame = bytearray(whole), [chunk for chunk in chunks(whole) if chunk.kind == b"fdAT"][number]
    data[range(frame.body.start, frame.end)[at]] ^= 1
    assert code(bytes(data), wanted) == "damaged"


@pytest.mark.parametrize("wanted", [None, PictureFormat.WEBP])
@pytest.mark.parametrize("field", range(4), ids=["width", "height", "left", "top"])
def test_an_animated_png_whose_frame_is_beyond_its_edges_is_damaged(
    field: int, wanted: PictureFormat | None
) -> None:
    """R09: no browser shows it."""
    data = moving("PNG")
    control = [chunk for chunk in chunks(data) if chunk.kind == b"fcTL"][-1]
    said = list(struct.unpack(">5I2H2B", data[control.body]))
    said[1 + field] += 1
    frame = png_chunk(b"fcTL", struct.pack(">5I2H2B", *said))
    verdict = compress(data[: control.start] + frame + data[control.end :], 50, wanted, MAX_PIXELS)
    assert isinstance(verdict, Failure), verdict
    assert "beyond the edges" in str(verdict.detail)


@pytest.mark.parametrize("wanted", [None, PictureFormat.WEBP])
def test_an_animated_png_whose_frame_is_short_of_pixels_is_damaged(wanted: PictureFormat | None) -> None:
    """R09, R19: with right checksums all the same."""
    data = moving("PNG")
    frame = [chunk for chunk in chunks(data) if chunk.kind == b"fdAT"][-1]
    body = data[frame.body]
    short = body[:4] + zlib.compress(zlib.decompress(body[4:])[:-200])
    assert code(data[: frame.start] + png_chunk(b"fdAT", short) + data[frame.end :], wanted) == "damaged"


@pytest.mark.parametrize("missing", [0, 1], ids=["counted too few", "missing"])
@pytest.mark.parametrize("uncounted", [0, 1], ids=["counted", "not counted"])
def test_a_webp_whose_padding_was_forgotten_is_whole(uncounted: int, missing: int) -> None:
    """R09: every viewer shows such a picture."""
    odd = (saved(photo(size=(side, 31)), "WEBP", lossless=True) for side in range(30, 90))
    plain = next(data for data in odd if data[16] % 2)
    size = (len(plain) - 8 - uncounted).to_bytes(4, "little")
    data = plain[:4] + size + plain[8 : len(plain) - missing]
    verdict = compress(data, 50, None, MAX_PIXELS)
    assert isinstance(verdict, Compressed), verdict
    assert opened(verdict.data).tobytes() == compressed(plain).tobytes()


@pytest.mark.parametrize("wanted", [PictureFormat.WEBP, PictureFormat.PNG, PictureFormat.JPEG])
def test_of_the_pages_of_a_tiff_the_first_is_converted(wanted: PictureFormat) -> None:
    data = saved(photo(), "TIFF", save_all=True, append_images=[photo("L", (20, 30))])
    picture = compressed(data, wanted)
    assert (picture.size, getattr(picture, "n_frames", 1)) == (photo().size, 1)


@pytest.mark.parametrize(
    ("side", "wanted"),
    [
        (16_384, PictureFormat.WEBP),
        (32_769, PictureFormat.AVIF),
        (65_501, PictureFormat.JPEG),
    ],
)
def test_a_picture_too_long_for_its_new_format_is_told(side: int, wanted: PictureFormat) -> None:
    """R19: and costs no decoder."""
    for size in ((side, 2), (2, side)):
        data = saved(Image.new("RGB", size, (9, 99, 200)), "PNG")
        assert code(data, wanted) == "too_many_pixels"
        assert compressed(data, PictureFormat.PNG).size == size


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (65_501, 2)])
def test_a_tiff_of_any_shape_stays_a_tiff_and_does_not_grow(size: tuple[int, int]) -> None:
    assert compressed(saved(Image.new("RGB", size, (9, 99, 200)), "TIFF")).size == size


def with_frame(data: bytes, at: int, new: bytes) -> bytes:
    """A JPEG whose frame header says something else."""
    start = data.index(b"\xff\xc0") + at
    return data[:start] + new + data[start + len(new) :]


MISSING = {
    "cut off and given an end": jpeg()[: len(jpeg()) // 2] + b"\xff\xd9",
    "higher than its pixels": with_frame(jpeg(), 5, (256).to_bytes(2, "big")),
    "wider than its pixels": with_frame(jpeg(), 7, (384).to_bytes(2, "big")),
    "turned": (turned := jpeg(exif=exif(6)))[: len(turned) * 3 // 4] + b"\xff\xd9",
    "with a profile": (toned := jpeg(icc_profile=swapped_profile()))[: len(toned) * 3 // 4] + b"\xff\xd9",
}


@pytest.mark.parametrize("wanted", [None, PictureFormat.WEBP])
@pytest.mark.parametrize("name", MISSING)
def test_a_jpeg_whose_pixels_are_missing_is_damaged_even_with_an_end(
    name: str, wanted: PictureFormat | None
) -> None:
    """R09, R19: Pillow makes them grey without a word."""
    assert code(MISSING[name], wanted) == "damaged"


@pytest.mark.parametrize("data", [with_frame(jpeg(), 1, b"\xc3"), with_frame(jpeg(), 4, b"\x0c")])
def test_a_jpeg_of_a_kind_that_no_browser_shows_is_not_supported(data: bytes) -> None:
    """R19: lossless, and of twelve bits."""
    assert code(data) == "unsupported_format"


@pytest.mark.parametrize("before", [(b"tEXt", b"Title\0\0\0\0\0"), (b"zTXt", b"Title\0\0")])
def test_a_png_that_does_not_begin_with_its_header_is_damaged(before: tuple[bytes, bytes]) -> None:
    """R19: Pillow would take it, and its depth would be read from the wrong place."""
    whole = png((8, 8), 8, 0, [GREY * 8] * 8, png_chunk(b"tRNS", b"\0\x80"))
    assert isinstance(compress(whole, 50, None, MAX_PIXELS), Compressed)
    assert code(whole[:8] + png_chunk(*before) + whole[8:]) == "damaged"


@pytest.mark.parametrize("wanted", [None, *PictureFormat])
def test_a_png_without_its_palette_is_damaged(wanted: PictureFormat | None) -> None:
    """R19: no viewer shows it, and Pillow's assertion was the end of a decoder."""
    verdict = compress(png((8, 8), 8, 3, [GREY * 8] * 8), 50, wanted, MAX_PIXELS)
    assert verdict == Failure(FailureCode.DAMAGED, "its palette is missing")


def test_a_png_of_a_clear_colour_alone_is_damaged() -> None:
    """R19: its header, which says how long that is, would stand behind the file's end."""
    assert code(b"\x89PNG\r\n\x1a\n" + png_chunk(b"tRNS", b"\0\0")) == "damaged"


def test_a_png_of_two_headers_is_damaged() -> None:
    """R19: Pillow took the palette of one and the clear colour of the other, and neither fits the other."""
    coloured = png((8, 8), 8, 2, [GREY * 24] * 8, png_chunk(b"tRNS", b"\0\x80" * 3))
    grey = png((8, 8), 8, 0, [GREY * 8] * 8, png_chunk(b"tRNS", b"\0\x80"))
    indexed = png((8, 8), 8, 3, [bytes(8)] * 8, CLEAR_AND_RED)
    for one, other in ((indexed, grey), (indexed, coloured)):
        header_and_palette = one[: one.index(b"IDAT") - 4]
        assert code(header_and_palette + other[8:], PictureFormat.JPEG) == "damaged"


def test_a_gamma_so_steep_that_all_would_be_white_is_none() -> None:
    assert profile_of({"gamma": 2**32 / 100_000}, grey=True) is None


@pytest.mark.parametrize("with_cover", [False, True])
def test_each_picture_of_an_animated_png_that_is_kept_is_decoded_once(
    monkeypatch: pytest.MonkeyPatch, *, with_cover: bool
) -> None:
    monkeypatch.setattr("services.processor.codec.compress.is_in_sample", lambda *_: False)
    begun = list[PngImagePlugin.PngImageFile]()
    prepare = PngImagePlugin.PngImageFile.load_prepare

    def noted(file: PngImagePlugin.PngImageFile) -> None:
        begun.append(file)
        prepare(file)

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load_prepare", noted)
    frames = [photo(seed=number) for number in range(4)]
    data = saved(frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=with_cover)
    begun.clear()
    verdict = compress(data, 50, None, MAX_PIXELS)
    assert isinstance(verdict, Compressed)
    assert not verdict.recompressed
    assert (verdict.width, verdict.height) == frames[0].size
    assert len(begun) == len(frames)
