"""What a file says beside its pixels of how they are shown, and what browsers make of that."""

import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageCms, TiffImagePlugin

from services.processor.codec.colour.profiles import profile_of
from services.processor.codec.compress import compress
from services.processor.stripping.look import Look
from services.processor.verdicts import Compressed
from tests.worlds.files.pictures import (
    corner,
    exif,
    is_near,
    opened,
    photo,
    png_chunk,
    saved,
    swapped_profile,
)

MAX_PIXELS = 1_000_000
XMP_TAG = 700
BYTES, TEXT, SHORTS, ANYTHING = 1, 2, 3, 7  # kinds of a TIFF's tags
GREY_FORMATS = ("JPEG", "PNG", "TIFF")
TURNED = (
    b'<rdf:Description tiff:Orientation="6"/>',
    b"<tiff:Orientation>6</tiff:Orientation>",
)


def tiff(xmp: bytes, kind: int = BYTES) -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[XMP_TAG] = {TEXT: xmp.decode(), SHORTS: tuple(xmp)}.get(kind, xmp)
    tags.tagtype[XMP_TAG] = kind
    return saved(photo(size=(80, 50)), "TIFF", tiffinfo=tags)


SOURCES: dict[str, Callable[[bytes], bytes]] = {
    "jpeg": lambda xmp: saved(photo(size=(80, 50)), "JPEG", quality=95, xmp=xmp),
    "webp": lambda xmp: saved(photo(size=(80, 50)), "WEBP", quality=95, xmp=xmp),
    "avif": lambda xmp: saved(photo(size=(80, 50)), "AVIF", quality=95, xmp=xmp),
    "tiff": tiff,
    "tiff of two pages": lambda xmp: saved(
        photo(size=(80, 50)), "TIFF", save_all=True, append_images=[photo()], tiffinfo={XMP_TAG: xmp}
    ),
}


def compressed(data: bytes) -> Compressed:
    verdict = compress(data, 50, None, MAX_PIXELS)
    assert isinstance(verdict, Compressed), verdict
    return verdict


@pytest.mark.parametrize("xmp", TURNED)
@pytest.mark.parametrize("source", SOURCES)
def test_what_xmp_alone_says_of_the_orientation_turns_nothing(source: str, xmp: bytes) -> None:
    """Browsers show such a file as it lies; Pillow would turn it."""
    verdict = compressed(SOURCES[source](xmp))
    assert (verdict.width, verdict.height) == opened(verdict.data).size == (80, 50)


@pytest.mark.parametrize("quality", [90, 4])
@pytest.mark.parametrize(
    "more", [{}, {"save_all": True, "append_images": [photo(size=(80, 50)).rotate(180)]}]
)
def test_the_exif_of_a_webp_turns_nothing(more: dict[str, Any], quality: int) -> None:
    """Browsers show such a file as it lies, whether or not its pixels were turned before; Pillow turns it."""
    data = saved(photo(size=(80, 50)), "WEBP", quality=quality, exif=exif(6), **more)
    verdict = compressed(data)
    assert (verdict.width, verdict.height) == opened(verdict.data).size == (80, 50)
    assert verdict.recompressed == (quality > 50)
    assert b"EXIF" not in verdict.data


TURNED_ONCE = Look(orientation=6).exif
EXIF_IN_TEXT = b"Raw profile type exif\0\nexif\n      26\n" + TURNED_ONCE.hex().encode()
TURNING_TEXTS = {"XMP": b"XML:com.adobe.xmp\0" + TURNED[0], "EXIF": EXIF_IN_TEXT}


def behind_the_pixels(plain: bytes, kind: bytes, body: bytes) -> bytes:
    end = plain.index(b"IEND") - 4
    return plain[:end] + png_chunk(kind, body) + plain[end:]


@pytest.mark.parametrize("is_behind_the_pixels", [False, True])
@pytest.mark.parametrize("said", TURNING_TEXTS)
def test_what_a_text_of_a_png_says_of_the_orientation_turns_nothing(
    said: str, *, is_behind_the_pixels: bool
) -> None:
    """Browsers show such a file as it lies; Pillow would turn it."""
    plain, body = saved(photo(size=(80, 50)), "PNG"), TURNING_TEXTS[said]
    before = plain[:33] + png_chunk(b"tEXt", body) + plain[33:]
    verdict = compressed(behind_the_pixels(plain, b"tEXt", body) if is_behind_the_pixels else before)
    assert (verdict.width, verdict.height) == opened(verdict.data).size == (80, 50)


SAID_LATE = {
    "its orientation": (b"eXIf", TURNED_ONCE),
    "its colours": (b"iCCP", b"x\0\0" + zlib.compress(swapped_profile())),
    "what is clear": (b"tRNS", b"\0\xc8\0\x1e\0\x3c"),
}


@pytest.mark.parametrize("what", SAID_LATE)
def test_what_a_png_says_behind_its_pixels_changes_nothing(what: str) -> None:
    """So do browsers, which have begun to show it by then."""
    plain = saved(Image.new("RGB", (80, 50), (0xC8, 0x1E, 0x3C)), "PNG")
    assert compressed(behind_the_pixels(plain, *SAID_LATE[what])).data == compressed(plain).data


@pytest.mark.filterwarnings("ignore:Metadata Warning")  # Pillow, where this test writes a list of shorts
@pytest.mark.parametrize("kind", [BYTES, TEXT, SHORTS, ANYTHING])
def test_a_tiff_is_whole_whatever_kind_its_tag_of_xmp_has(kind: int) -> None:
    assert compressed(tiff(TURNED[0], kind)).width == 80


def called(name: bytes, profile: bytes) -> bytes:
    """The profile with a description, which none of ours has."""
    head, count, rest = profile[:128], struct.unpack_from(">I", profile, 128)[0], profile[132:]
    table, body = rest[: 12 * count], rest[12 * count :]
    entries = [struct.unpack_from(">4sII", table, at) for at in range(0, len(table), 12)]
    text = (struct.pack(">4s4xI", b"desc", len(name) + 1) + name).ljust(len(name) + 91, b"\0")
    entries = [(tag, start + 12, size) for tag, start, size in entries]
    entries.append((b"desc", 144 + len(table) + len(body), len(text)))
    table = b"".join(struct.pack(">4sII", *entry) for entry in entries)
    written = head + struct.pack(">I", count + 1) + table + body + text
    return struct.pack(">I", len(written)) + written[4:]


@pytest.mark.parametrize(
    ("mode", "picture_format"),
    [*(("L", name) for name in GREY_FORMATS), *(("RGB", name) for name in (*GREY_FORMATS, "WEBP", "AVIF"))],
)
def test_a_profile_of_linear_light_is_obeyed_although_it_is_called_srgb(
    mode: str, picture_format: str
) -> None:
    """As GIMP and Krita use them: sRGB-elle-V2-g10.icc."""
    profile = profile_of({"gamma": 1.0}, grey=mode == "L") or b""
    grey = Image.new("RGB", (40, 40), (128, 128, 128)).convert(mode)
    data = saved(grey, picture_format, icc_profile=called(b"sRGB-elle-V2-g10.icc", profile))
    assert is_near(corner(opened(compressed(data).data)), (188,) * 3, 3)


def test_a_profile_that_is_called_srgb_and_is_leaves_every_pixel_as_it_is() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert (
        ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")))[:4] == "sRGB"
    )
    with_one = compressed(saved(photo(), "JPEG", quality=95, icc_profile=profile))
    assert with_one.data == compressed(saved(photo(), "JPEG", quality=95)).data
