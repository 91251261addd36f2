"""What the codec makes of every format, and of files that nobody should send."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.processor.codec import encode
from services.processor.codec.compress import compress
from services.processor.formats.sniff import sniff
from services.processor.verdicts import Compressed, Failure
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import (
    CORNER,
    HEIGHT,
    SECRET,
    WIDTH,
    cmyk_jpeg,
    corner,
    exif,
    grey_16_png,
    is_near,
    jpeg,
    moving,
    opened,
    photo,
    png_bomb,
    saved,
    swapped_profile,
)

MAX_PIXELS = 1_000_000


def compressed(data: bytes, wanted: PictureFormat | None = None, quality: int = 50) -> Compressed:
    verdict = compress(data, quality, wanted, MAX_PIXELS)
    assert isinstance(verdict, Compressed), verdict
    return verdict


def failure(data: bytes, max_pixels: int = MAX_PIXELS) -> str:
    verdict = compress(data, 50, None, max_pixels)
    assert isinstance(verdict, Failure), verdict
    return verdict.code


@pytest.mark.parametrize(
    "data", [jpeg(), saved(photo(), "PNG"), moving("GIF")], ids=["short way", "png", "gif"]
)
def test_the_time_of_each_half_is_told(data: bytes) -> None:
    """R24"""
    picture = compressed(data)
    assert picture.decode_ms > 0
    assert picture.encode_ms > 0


SOURCES = {
    "jpeg": jpeg(),
    "grey jpeg": saved(photo("L"), "JPEG", quality=92),
    "progressive jpeg": jpeg(progressive=True),
    "png": saved(photo(), "PNG"),
    "png with alpha": saved(photo("RGBA"), "PNG"),
    "png with palette": saved(photo().quantize(64), "PNG"),
    "grey png": saved(photo("L"), "PNG"),
    "grey png with alpha": saved(photo("RGBA").convert("LA"), "PNG"),
    "two colours": saved(photo("1"), "PNG"),
    "webp": saved(photo(), "WEBP", quality=95),
    "webp with alpha": saved(photo("RGBA"), "WEBP", quality=95),
    "lossless webp": saved(photo(), "WEBP", lossless=True),
    "avif": saved(photo(), "AVIF", quality=95),
    "gif": saved(photo(), "GIF"),
    "bmp": saved(photo(), "BMP"),
    "tiff": saved(photo(), "TIFF"),
    "deflated tiff": saved(photo("RGBA"), "TIFF", compression="tiff_adobe_deflate"),
    "cmyk jpeg": cmyk_jpeg(),
    "cmyk tiff": saved(photo("CMYK"), "TIFF"),
}


def test_every_format_is_recognised_and_stands_among_the_pictures_below() -> None:
    assert {sniff(data) for data in SOURCES.values()} == set(PictureFormat)


@pytest.mark.parametrize("source", SOURCES)
def test_every_format_keeps_its_format_size_and_colours(source: str) -> None:
    """R06"""
    data = SOURCES[source]
    result = compressed(data)
    expected = "png" if source in {"bmp", "two colours"} else source.partition(" with ")[0].split()[-1]
    picture = opened(result.data)
    assert (picture.format or "").lower() == result.format == expected
    assert (result.width, result.height) == picture.size == (WIDTH, HEIGHT)
    if source not in {"two colours", "grey jpeg", "grey png", "grey png with alpha"}:
        assert is_near(corner(picture), CORNER, 40), corner(picture)
    assert len(result.data) <= len(data)


@pytest.mark.parametrize("wanted", ["jpeg", "png", "webp", "avif"])
@pytest.mark.parametrize("source", SOURCES)
def test_every_format_converts_to_every_output_format(source: str, wanted: str) -> None:
    result = compressed(SOURCES[source], PictureFormat(wanted))
    picture = opened(result.data)
    assert (picture.format or "").lower() == result.format == wanted
    assert picture.size == (WIDTH, HEIGHT)


def test_a_turned_jpeg_becomes_exactly_what_a_plain_encoder_makes_of_it() -> None:
    """R06: quality 50 on the encoder's scale, whatever the source's was. A plain one: test_jpeg.py."""
    data = jpeg(quality=97, exif=exif(3))
    upright = opened(data).convert("RGB").transpose(Image.Transpose.ROTATE_180)
    assert compressed(data).data == saved(upright, "JPEG", quality=50)
    assert compressed(data).recompressed


@pytest.mark.parametrize("quality", [1, 30, 75, 95])
def test_the_quality_of_the_request_is_the_encoders(quality: int) -> None:
    data = saved(photo(), "PNG")
    assert compressed(data, PictureFormat.JPEG, quality).data == saved(
        photo_of(data), "JPEG", quality=quality
    )


def photo_of(data: bytes) -> Image.Image:
    return opened(data).convert("RGB")


@pytest.mark.parametrize(
    "data",
    [
        jpeg(quality=10),
        saved(photo(), "WEBP", quality=5),
        saved(photo("L").quantize(4), "PNG", optimize=True),
        saved(photo().quantize(8), "GIF", optimize=True),
        saved(photo(), "AVIF", quality=5),
    ],
)
def test_what_is_smaller_already_stays_as_it_is(data: bytes) -> None:
    result = compressed(data)
    assert len(result.data) <= len(data)
    assert opened(result.data).convert("RGB").tobytes() == opened(data).convert("RGB").tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "AVIF", "TIFF"])
def test_the_orientation_is_applied_and_forgotten(name: str, orientation: int) -> None:
    data = saved(turned(orientation), name, exif=exif(orientation))
    result = compressed(data)
    picture = opened(result.data)
    assert picture.size == (WIDTH, HEIGHT)
    assert is_near(corner(picture), CORNER, 40)
    assert picture.getexif().get(0x0112, 1) == 1


def turned(orientation: int) -> Image.Image:
    """As the sensor saw it: what the orientation tag turns upright again."""
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    turns = photo()
    return turns.transpose(Image.Transpose(back[orientation])) if orientation in back else turns


METADATA = {
    "jpeg": jpeg(exif=exif(), comment=SECRET, xmp=SECRET),
    "small jpeg": jpeg(quality=8, exif=exif(), comment=SECRET, xmp=SECRET),
    "png": saved(photo(), "PNG", exif=exif()),
    "small png": saved(photo().quantize(4), "PNG", exif=exif()),
    "webp": saved(photo(), "WEBP", quality=95, exif=exif(), xmp=SECRET),
    "small webp": saved(photo(), "WEBP", quality=4, exif=exif(), xmp=SECRET),
    "gif": saved(photo(), "GIF", comment=SECRET),
    "small gif": saved(photo().quantize(4), "GIF", comment=SECRET),
    "avif": saved(photo(), "AVIF", quality=95, exif=exif(), xmp=SECRET),
    "small avif": saved(photo(), "AVIF", quality=4, exif=exif(), xmp=SECRET),
    "tiff": saved(photo(), "TIFF", description=SECRET.decode(), artist=SECRET.decode()),
}


@pytest.mark.parametrize("source", METADATA)
def test_no_metadata_is_left_in_any_output(source: str) -> None:
    """R20"""
    assert SECRET in METADATA[source]
    assert SECRET not in compressed(METADATA[source]).data


def test_transparency_is_kept_where_the_format_can_and_white_where_it_cannot() -> None:
    data = saved(photo("RGBA"), "PNG")
    for wanted in (PictureFormat.PNG, PictureFormat.WEBP, PictureFormat.AVIF):
        alpha = opened(compressed(data, wanted).data).convert("RGBA").getchannel("A").tobytes()
        assert min(alpha) < 40
        assert max(alpha) > 215
    flat = opened(compressed(data, PictureFormat.JPEG).data)
    assert is_near(flat.getpixel((WIDTH - 2, 0)), (255, 255, 255))  # type: ignore[arg-type] # it is RGB


def test_a_photograph_as_png_gets_a_palette() -> None:
    picture = opened(compressed(saved(photo(), "PNG")).data)
    assert picture.mode == "P"
    assert len(picture.getcolors(256) or []) <= 256


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_a_photograph_as_png_is_not_deflated_at_great_length_for_next_to_nothing(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R09: else a photograph of 40 megapixels would overrun the decoder's seconds."""
    efforts: list[tuple[str, object]] = []

    def remembered(picture: Image.Image, name: str, **options: object) -> bytes:
        efforts.append((picture.mode, options))
        return saved(picture, name, **options)

    monkeypatch.setattr(encode, "_saved", remembered)
    compressed(saved(photo(mode, (600, 400)), "PNG"))
    assert ("L", {"optimize": True}) not in efforts
    assert (mode, {}) not in efforts


def test_a_png_that_is_smaller_without_loss_stays_lossless() -> None:
    flat = Image.new("RGBA", (400, 300), (200, 10, 10, 128))
    flat.paste((0, 90, 0, 255), (50, 50, 200, 200))
    result = compressed(saved(flat, "PNG", compress_level=0))
    assert opened(result.data).convert("RGBA").tobytes() == flat.tobytes()


def test_a_profile_ends_as_srgb_colours() -> None:
    for data in (
        jpeg(icc_profile=swapped_profile()),
        saved(photo(), "PNG", icc_profile=swapped_profile()),
        saved(photo("RGBA"), "PNG", icc_profile=swapped_profile()),
    ):
        picture = opened(compressed(data).data)
        red, green, _ = corner(picture)
        assert green > red + 60
        assert "icc_profile" not in picture.info


def test_a_broken_profile_costs_nothing_but_itself() -> None:
    assert is_near(corner(opened(compressed(jpeg(icc_profile=b"\0" * 200)).data)), CORNER)


def test_sixteen_bits_become_eight_without_clipping() -> None:
    picture = opened(compressed(grey_16_png()).data).convert("L")
    values = list(picture.crop((0, 0, WIDTH, 1)).tobytes())
    assert (values[0], values[-1]) == (0, 255)
    assert 120 <= values[WIDTH // 2] <= 136


@pytest.mark.parametrize("name", ["GIF", "WEBP"])
def test_a_moving_picture_keeps_its_frames_and_their_times(name: str) -> None:
    picture = opened(compressed(moving(name, frame_count=5, loop=0)).data)
    assert picture.n_frames == 5  # type: ignore[attr-defined] # animated
    picture.seek(3)
    picture.load()
    assert picture.info["duration"] == 120


CLEAR = Image.new("RGBA", (64, 48))
FULL = Image.new("RGBA", (64, 48), (0, 0, 200))
SQUARE = CLEAR.copy()
SQUARE.paste((250, 0, 0, 255), (40, 24, 56, 40))


@pytest.mark.parametrize(("first", "second", "shown"), [(SQUARE, FULL, 0), (FULL, SQUARE, 1)])
def test_what_the_frames_of_a_webp_leave_of_its_canvas_is_clear(
    first: Image.Image, second: Image.Image, shown: int
) -> None:
    """Its writer counts frames alone, and none has anything clear; in browsers the rest was never black."""
    data = saved(first, "WEBP", lossless=True, save_all=True, append_images=[second], duration=90)
    assert not data[20] & 0b1_0000
    picture = opened(compressed(data).data)
    picture.seek(shown)
    square = picture.convert("RGBA")
    assert square.getpixel((4, 4))[3] == 0  # type: ignore[index] # four bands
    assert is_near(square.getpixel((48, 32)), (250, 0, 0, 255))  # type: ignore[arg-type] # four bands


def test_the_clear_canvas_of_a_webp_is_white_in_a_jpeg() -> None:
    data = saved(SQUARE, "WEBP", lossless=True, save_all=True, append_images=[FULL], duration=90)
    assert is_near(corner(opened(compressed(data, PictureFormat.JPEG).data)), (255, 255, 255))


def test_a_moving_gif_may_become_a_moving_webp() -> None:
    picture = opened(compressed(moving("GIF"), PictureFormat.WEBP).data)
    assert picture.n_frames == 4  # type: ignore[attr-defined] # animated


def test_an_animated_png_keeps_its_frames() -> None:
    result = compressed(moving("PNG"))
    assert opened(result.data).n_frames == 4  # type: ignore[attr-defined] # animated
    assert not result.recompressed


def test_all_pages_of_a_tiff_are_kept() -> None:
    pages = [photo(), photo("RGBA"), photo("L")]
    result = compressed(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    picture = opened(result.data)
    assert picture.n_frames == 3  # type: ignore[attr-defined] # animated
    assert picture.info["compression"] == "jpeg"
    picture.seek(1)
    assert picture.mode == "RGBA"


def test_too_many_pixels_are_refused_by_the_header_alone() -> None:
    assert failure(png_bomb(50_000, 50_000)) == "too_many_pixels"
    assert failure(jpeg(), max_pixels=WIDTH * HEIGHT - 1) == "too_many_pixels"
    assert failure(moving("GIF"), max_pixels=WIDTH * HEIGHT) == "too_many_pixels"


@pytest.mark.parametrize("source", [name for name in SOURCES if name != "two colours"])
def test_a_truncated_file_is_damaged(source: str) -> None:
    """R09, R19"""
    data = SOURCES[source]
    assert failure(data[: len(data) // 2]) == "damaged"
    assert failure(data[:40]) in {"damaged", "not_an_image"}


@pytest.mark.parametrize("source", SOURCES)
def test_a_file_cut_off_anywhere_in_its_head_is_a_failure_and_never_an_exception(source: str) -> None:
    """R19"""
    for size in range(min(200, len(SOURCES[source]))):
        assert failure(SOURCES[source][:size]) in {"damaged", "not_an_image", "unsupported_format"}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SOURCES)), st.data())
def test_a_file_with_flipped_bytes_is_a_result_or_a_failure_and_never_an_exception(
    source: str, draw: st.DataObject
) -> None:
    data = bytearray(SOURCES[source])
    for _ in range(draw.draw(st.integers(1, 8))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    assert isinstance(compress(bytes(data), 50, None, MAX_PIXELS), Compressed | Failure)
