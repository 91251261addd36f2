"""Files that few programs write and every fetcher meets: frames, pages, tags and ends."""

import io

import pytest
from PIL import Image

from services.processor.codec.compress import compress
from services.processor.verdicts import Compressed
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import (
    SECRET,
    exif,
    jpeg,
    moving,
    opened,
    photo,
    saved,
    swapped_profile,
)
from tests.worlds.files.rare_pictures import (
    MAX_PIXELS,
    code,
    compressed,
)

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
