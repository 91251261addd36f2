"""Pictures that were transferred as text are what they were before; where they cannot be, they say so."""

import pytest

from services.processor.codec.compress import compress
from services.processor.codec.headers import claimed_pixels
from services.processor.codec.mend import with_own_line_ends
from services.processor.formats.sniff import sniff
from services.processor.verdicts import Compressed, Failure
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import exif, photo, saved

MAX_PIXELS = 1_000_000
PICTURE = photo(size=(300, 200))
WHOLE = {
    "jpeg": saved(PICTURE, "JPEG", quality=85),
    "jpeg in passes": saved(PICTURE, "JPEG", quality=85, progressive=True),
    "turned jpeg": saved(PICTURE, "JPEG", quality=85, exif=exif()),
    "png": saved(PICTURE, "PNG"),
    "webp": saved(PICTURE, "WEBP"),
    "lossless webp": saved(PICTURE, "WEBP", lossless=True),
}


def as_text(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize("wanted", [None, PictureFormat.PNG])
def test_a_picture_that_was_transferred_as_text_is_what_it_was(
    whole: bytes, wanted: PictureFormat | None
) -> None:
    """R09"""
    verdict = compress(as_text(whole), 50, wanted, MAX_PIXELS)
    assert isinstance(verdict, Compressed)
    assert verdict == compress(whole, 50, wanted, MAX_PIXELS)


@pytest.mark.parametrize("name", ["jpeg", "webp"])
def test_a_file_that_would_not_be_whole_without_those_bytes_stays_as_it_came(name: str) -> None:
    cut = as_text(WHOLE[name])[:-40]
    assert with_own_line_ends(cut, MAX_PIXELS) == cut
    assert with_own_line_ends(WHOLE[name], MAX_PIXELS) == WHOLE[name]


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE)
def test_pixels_are_counted_before_such_a_file_is_looked_at(whole: bytes) -> None:
    """R20: its header says nothing before it is read as it was."""
    data = as_text(whole)
    assert {claimed_pixels(data, each, MAX_PIXELS) for each in PictureFormat} == {MAX_PIXELS}
    verdict = compress(data, 50, None, PICTURE.width * PICTURE.height - 1)
    assert isinstance(verdict, Failure)
    assert verdict.code == "too_many_pixels"


@pytest.mark.parametrize(
    "changed",
    [
        WHOLE["jpeg"].decode("utf-8", "replace").encode(),
        WHOLE["png"].decode("utf-8", "replace").encode(),
        WHOLE["jpeg"].decode("latin-1").encode(),
        WHOLE["png"].decode("latin-1").encode(),
        WHOLE["png"].replace(b"\r\n", b"\n"),
        WHOLE["png"].replace(b"\r", b"\n"),
        bytes(each & 0x7F for each in WHOLE["png"]),
    ],
)
def test_what_was_taken_for_text_and_cannot_be_read_again_is_damaged(changed: bytes) -> None:
    """R19: it was said to be no image."""
    verdict = sniff(changed)
    assert isinstance(verdict, Failure)
    assert (verdict.code, verdict.detail) == ("damaged", "its bytes were changed as if they were text")
