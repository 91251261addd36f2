"""What is taken out of files that are kept as they came: everything but the picture, and nothing of it."""

import io
import struct
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from services.processor.codec.compress import compress
from services.processor.formats import jpeg_segments
from services.processor.stripping.gif import colour_table_bytes
from services.processor.stripping.strip import strip_metadata
from services.processor.verdicts import Compressed
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import SECRET, exif, jpeg, moving, photo, png_chunk, saved

END = b"\xff\xd9"
JUNK = b"PK\x03\x04" + SECRET * 20
SMALL_PNG = saved(photo().quantize(4), "PNG", optimize=True)
SMALL_GIF = saved(photo().quantize(4), "GIF", comment=SECRET)
FIRST_BLOCK = 13 + colour_table_bytes(SMALL_GIF[10])
SMALL_AVIF = saved(photo(), "AVIF", quality=4)


def pages(*pictures: Image.Image, **options: object) -> bytes:
    return saved(pictures[0], "TIFF", save_all=True, append_images=pictures[1:], **options)


def with_tags(**options: object) -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[270], tags[315] = SECRET.decode(), SECRET.decode()
    return saved(photo(), "TIFF", tiffinfo=tags, exif=None, **options)


def with_chunk(webp: bytes) -> bytes:
    body = webp[8:] + b"MINE" + len(SECRET).to_bytes(4, "little") + SECRET + bytes(len(SECRET) % 2)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


FULL_OF_SECRETS = {
    "jpeg": jpeg(quality=5, exif=exif(), comment=SECRET, xmp=SECRET) + JUNK,
    "progressive jpeg": jpeg(quality=5, progressive=True, exif=exif(), comment=SECRET) + JUNK,
    "png": SMALL_PNG[:33]
    + png_chunk(b"tEXt", b"k\0" + SECRET)
    + png_chunk(b"prIv", SECRET)
    + SMALL_PNG[33:]
    + JUNK,
    "webp": saved(photo(), "WEBP", quality=4, exif=exif(), xmp=SECRET) + JUNK,
    "webp with a chunk of its own": with_chunk(saved(photo(), "WEBP", quality=4)) + JUNK,
    "webp with alpha": saved(photo("RGBA"), "WEBP", quality=4, exif=exif(), xmp=SECRET) + JUNK,
    "gif": saved(photo().quantize(4), "GIF", comment=SECRET) + JUNK,
    "gif with bytes between its blocks": SMALL_GIF[:FIRST_BLOCK] + SECRET + SMALL_GIF[FIRST_BLOCK:],
    "gif without its trailer": SMALL_GIF[:-1] + JUNK,
    "moving gif without its trailer": moving("GIF", comment=SECRET)[:-1] + JUNK,
    "moving gif": moving("GIF", comment=SECRET) + JUNK,
    "avif": saved(photo(), "AVIF", quality=4, exif=exif(), xmp=SECRET) + JUNK,
    "avif with alpha": saved(photo("RGBA"), "AVIF", quality=4, exif=exif(), xmp=SECRET) + JUNK,
    "avif with a free box": SMALL_AVIF + struct.pack(">I4s", 8 + len(SECRET), b"free") + SECRET,
    "tiff": with_tags() + JUNK,
    "tiff in strips": with_tags(compression="tiff_lzw", strip_size=1000) + JUNK,
    "tiff with jpeg": with_tags(compression="jpeg", quality=20) + JUNK,
    "tiff of one bit": saved(photo("1"), "TIFF", compression="group4", description=SECRET.decode()) + JUNK,
    "tiff of pages": pages(photo(), photo("L"), photo("RGBA"), compression="tiff_adobe_deflate") + JUNK,
}


def format_of(data: bytes) -> PictureFormat:
    return PictureFormat((Image.open(io.BytesIO(data)).format or "").lower())


def frames(data: bytes) -> list[bytes]:
    picture = Image.open(io.BytesIO(data))
    shown = []
    for number in range(getattr(picture, "n_frames", 1)):
        picture.seek(number)
        shown.append(picture.convert("RGBA").tobytes())
    return shown


@pytest.mark.parametrize("name", FULL_OF_SECRETS)
def test_metadata_and_hidden_bytes_are_gone_and_every_pixel_stays(name: str) -> None:
    """R20"""
    data = FULL_OF_SECRETS[name]
    stripped = strip_metadata(data, format_of(data))
    assert stripped is not None
    assert SECRET in data
    assert SECRET not in stripped
    assert b"PK\x03\x04" not in stripped
    assert frames(stripped) == frames(data)
    assert len(stripped) < len(data)


@pytest.mark.parametrize("name", [name for name in FULL_OF_SECRETS if "tiff" in name])
def test_a_stripped_file_strips_to_itself(name: str) -> None:
    data = FULL_OF_SECRETS[name]
    stripped = strip_metadata(data, PictureFormat.TIFF)
    assert stripped is not None
    assert strip_metadata(stripped, PictureFormat.TIFF) == stripped


SMALL = {
    "jpeg": jpeg(quality=5, exif=exif()),
    "webp": saved(photo(), "WEBP", quality=4, exif=exif()),
    "avif": saved(photo(), "AVIF", quality=4, exif=exif()),
    "avif with XMP": saved(photo(), "AVIF", quality=4, xmp=SECRET),
    "tiff": with_tags(compression="jpeg", quality=10),
}


@pytest.mark.parametrize("name", SMALL)
def test_no_output_is_larger_than_its_input_because_of_metadata(name: str) -> None:
    """R06, R20: what cannot be made smaller is the input without its metadata, and the result says so."""
    verdict = compress(SMALL[name], 90, None, 1_000_000)
    assert isinstance(verdict, Compressed)
    assert len(verdict.data) < len(SMALL[name])
    assert SECRET not in verdict.data
    assert frames(verdict.data) == frames(SMALL[name])
    assert not verdict.recompressed


def test_of_a_moving_avif_nothing_is_wiped_out_that_may_be_its_picture() -> None:
    """R06: the place of an item of which nothing is said."""
    data = bytearray(saved(photo(), "AVIF", save_all=True, append_images=[photo().rotate(90)]))
    item = data.index(b"iloc") + 12
    assert data[item : item + 2] == b"\0\1"
    data[item : item + 2] = b"\0\x09"
    assert strip_metadata(bytes(data), PictureFormat.AVIF) is None


def test_a_moving_avif_whose_box_of_pictures_is_too_long_is_not_cut_before_it() -> None:
    """R06: viewers go by the places in its tables, and showed what was cut off."""
    data = bytearray(saved(photo(), "AVIF", save_all=True, append_images=[photo().rotate(90)]))
    pictures = data.index(b"mdat") - 4
    data[pictures] = 1
    assert frames(bytes(data))
    assert strip_metadata(bytes(data), PictureFormat.AVIF) is None


def test_an_avif_that_tells_of_another_file_is_read_as_by_every_viewer() -> None:
    """R06: it could not be stripped, and came out larger where coding it anew made it so."""
    data = bytearray(SMALL_AVIF)
    file = data.index(b"iloc") + 14
    assert data[file : file + 2] == b"\0\0"
    data[file : file + 2] = b"\0\1"
    stripped = strip_metadata(bytes(data), PictureFormat.AVIF)
    assert stripped is not None
    assert frames(stripped) == frames(bytes(data)) == frames(SMALL_AVIF)


@pytest.mark.parametrize("name", ["jpeg", "progressive jpeg"])
def test_a_jpeg_without_its_end_loses_its_metadata_and_gets_none(name: str) -> None:
    """R06, R20: broken ones are no longer coded anew for that."""
    data = FULL_OF_SECRETS[name].removesuffix(JUNK)
    whole = strip_metadata(data, PictureFormat.JPEG)
    assert whole is not None
    assert strip_metadata(data.removesuffix(END), PictureFormat.JPEG) == whole.removesuffix(END)


@pytest.mark.parametrize("progressive", [False, True])
def test_the_pixels_of_a_jpeg_are_looked_through_once(progressive: bool) -> None:  # noqa: FBT001
    """R24"""
    data = jpeg(progressive=progressive)
    with patch.object(jpeg_segments, "_NEXT_MARKER", wraps=jpeg_segments._NEXT_MARKER) as marker:
        assert strip_metadata(data, PictureFormat.JPEG) == data
    assert marker.search.call_count == data.count(b"\xff\xda")


@pytest.mark.parametrize("picture_format", PictureFormat)
@given(data=st.binary(max_size=300))
def test_no_bytes_break_it(picture_format: PictureFormat, data: bytes) -> None:
    heads = {"gif": b"GIF89a" + bytes(7), "tiff": b"II*\0", "avif": b"\0\0\0\x10ftypavif\0\0\0\0"}
    result = strip_metadata(heads.get(picture_format.value, b"RIFF\0\0\0\0WEBP") + data, picture_format)
    assert result is None or isinstance(result, bytes)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([name for name in FULL_OF_SECRETS if "avif" in name or "tiff" in name]),
    st.data(),
)
def test_a_file_with_flipped_bytes_never_grows_and_never_raises(name: str, draw: st.DataObject) -> None:
    data = bytearray(FULL_OF_SECRETS[name])
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(12, min(700, len(data)) - 1))] = draw.draw(st.integers(0, 255))
    picture_format = PictureFormat.AVIF if "avif" in name else PictureFormat.TIFF
    stripped = strip_metadata(bytes(data), picture_format)
    assert stripped is None or len(stripped) <= len(data)
