"""The pixels that a file claims, told from its header alone as Pillow tells them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.processor.codec.headers import claimed_pixels
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import jpeg, moving, photo, png_bomb, saved

MOST = 100_000_000
WIDTH, HEIGHT = 96, 64
STILL = {
    "jpeg": jpeg(),
    "progressive jpeg": jpeg(progressive=True),
    "jpeg with metadata": jpeg(comment=b"x" * 60_000, icc_profile=b"\xff\xc0" * 40_000),
    "png": saved(photo(), "PNG"),
    "bmp": saved(photo(), "BMP"),
    "lossy webp": saved(photo(), "WEBP"),
    "lossless webp": saved(photo(), "WEBP", lossless=True),
    "webp with alpha": saved(photo("RGBA"), "WEBP"),
    "avif": saved(photo(), "AVIF"),
    "avif with alpha": saved(photo("RGBA"), "AVIF"),
    "tiff": saved(photo(), "TIFF"),
    "jpeg in tiff": saved(photo(), "TIFF", compression="jpeg"),
}


def format_of(data: bytes) -> PictureFormat:
    return PictureFormat((Image.open(io.BytesIO(data)).format or "").lower())


@pytest.mark.parametrize("name", STILL)
def test_a_still_picture_claims_what_its_header_says(name: str) -> None:
    """R22"""
    assert claimed_pixels(STILL[name], format_of(STILL[name]), MOST) == WIDTH * HEIGHT


def test_a_jpeg_claims_what_libjpeg_reads_behind_stray_bytes_and_markers_without_length() -> None:
    """R20: a frame of another size, where one that goes by lengths alone would look, is none."""
    plain = saved(photo(), "JPEG")
    fake = b"\xff\xc0\0\x11\x08\0\1\0\1\3" + bytes(9)
    comment = b"\xff\xfe" + (2 + len(fake)).to_bytes(2, "big") + fake
    for stray in (b"stray", b"\xff\xd0", b"\xff\xd0" + comment):
        data = plain[:2] + stray + plain[2:]
        assert claimed_pixels(data, PictureFormat.JPEG, MOST) == WIDTH * HEIGHT


@pytest.mark.parametrize("name", ["GIF", "WEBP"])
def test_a_moving_picture_claims_at_least_all_its_frames(name: str) -> None:
    data = moving(name, frame_count=9)
    assert 9 * WIDTH * HEIGHT <= claimed_pixels(data, PictureFormat(name.lower()), MOST) <= MOST


def test_several_pages_and_what_cannot_be_told_claim_the_most() -> None:
    pages = saved(photo(), "TIFF", save_all=True, append_images=[photo(size=(5000, 5))])
    assert claimed_pixels(pages, PictureFormat.TIFF, MOST) == MOST
    for picture_format in PictureFormat:
        assert claimed_pixels(b"\xff\xd8\xff", picture_format, MOST) == MOST


@pytest.mark.parametrize("data", [*STILL.values(), moving("GIF"), moving("WEBP"), moving("PNG")])
def test_a_head_that_is_cut_off_anywhere_claims_something(data: bytes) -> None:
    """R19"""
    for size in range(1, 400):
        assert 0 < claimed_pixels(data[:size], format_of(data), MOST) <= MOST


def test_no_claim_is_above_the_most() -> None:
    assert claimed_pixels(png_bomb(2**31, 2**31), PictureFormat.PNG, MOST) == MOST


@given(st.sampled_from(PictureFormat), st.binary(max_size=200))
def test_no_bytes_break_it(picture_format: PictureFormat, data: bytes) -> None:
    assert 1 <= claimed_pixels(data, picture_format, MOST) <= MOST


@given(st.sampled_from(sorted(STILL)), st.data())
def test_no_flipped_byte_breaks_it(name: str, draw: st.DataObject) -> None:
    data = bytearray(STILL[name])
    data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    assert 1 <= claimed_pixels(bytes(data), format_of(STILL[name]), MOST) <= MOST
