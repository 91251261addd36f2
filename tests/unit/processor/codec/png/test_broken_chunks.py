"""What a PNG says beside its pixels and is broken, or explodes, costs nothing but itself."""

import tracemalloc
import zlib

import pytest

from services.processor.codec.png.sound_chunks import MAX_PROFILE_BYTES
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import (
    photo,
    png_chunk,
    saved,
)
from tests.worlds.files.rare_pictures import compressed


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
