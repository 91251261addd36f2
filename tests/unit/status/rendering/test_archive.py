"""The ZIP of a request's images: its records, also beyond four gigabytes, and the names in it."""

import io
import string
import zipfile
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.status.rendering.archive.names import cleaned, file_name
from services.status.rendering.archive.records import (
    Entry,
    central_header,
    descriptor,
    end_records,
    local_header,
)

MOMENT = datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)
FOUR_GIB = 1 << 32


def entry(name: str, data: bytes, *, follows: bool) -> Entry:
    return Entry(
        name=name.encode(),
        checksum=zlib.crc32(data),
        packed_bytes=len(data),
        whole_bytes=len(data),
        follows=follows,
    )


@pytest.mark.parametrize("follows", [False, True])
def test_what_is_written_is_a_zip_that_others_read(*, follows: bool) -> None:
    written, directory = b"", b""
    for name, data in (("1 Grüße 1.jpg", b"one" * 99), ("2 ☃ 1.png", b"")):
        each = entry(name, data, follows=follows)
        directory += central_header(each, len(written), MOMENT)
        piece = local_header(each, MOMENT) + data + (descriptor(each) if follows else b"")
        assert len(piece) == each.written_bytes
        written += piece
    whole = written + directory + end_records(2, len(directory), len(written))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert [info.filename for info in archive.infolist()] == ["1 Grüße 1.jpg", "2 ☃ 1.png"]
        assert archive.read("1 Grüße 1.jpg") == b"one" * 99
        info = archive.infolist()[0]
        assert (info.compress_type, info.date_time) == (zipfile.ZIP_STORED, (2026, 11, 21, 12, 34, 56))


class Sparse(io.RawIOBase):
    """A file whose beginning is four gigabytes of nothing."""

    def __init__(self, hole: int, end: bytes) -> None:
        self.hole, self.end, self.at = hole, end, 0

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + (0, self.at, self.hole + len(self.end))[whence]
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int = -1) -> bytes:
        start = self.at - self.hole
        found = self.end[start:] if size < 0 else self.end[start : start + size]
        self.at += len(found)
        return found


@pytest.mark.parametrize("hole", [FOUR_GIB - 1, FOUR_GIB, FOUR_GIB + 7])
def test_an_image_beyond_four_gigabytes_is_found(hole: int) -> None:
    each = entry("9 Far 1.jpg", b"far away", follows=False)
    body = local_header(each, MOMENT) + b"far away"
    directory = central_header(each, hole, MOMENT)
    end = body + directory + end_records(1, len(directory), hole + len(body))
    with zipfile.ZipFile(Sparse(hole, end)) as archive:
        assert archive.read("9 Far 1.jpg") == b"far away"


@pytest.mark.parametrize("entries", [65_534, 65_535, 65_536])
def test_more_entries_than_sixteen_bits_count_are_all_there(entries: int) -> None:
    each = entry("1 A 1.jpg", b"", follows=False)
    body = local_header(each, MOMENT)
    directory = central_header(each, 0, MOMENT) * entries
    whole = body + directory + end_records(entries, len(directory), len(body))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert len(archive.infolist()) == entries


@pytest.mark.parametrize(
    ("row", "serial", "name", "meant"),
    [
        ("0012", "12", "Teapot", "0012 Teapot 2.jpg"),
        ("12", "SKU/77", "Teapot", "12 SKU_77 Teapot 2.jpg"),
        ("1", "1", "../../etc/passwd", "1 _.._etc_passwd 2.jpg"),
        ("1", "1", "C:\\Windows\\con", "1 C__Windows_con 2.jpg"),
        ("1", "1", " a\r\n\tb ", "1 a b 2.jpg"),
        ("1", "1", "photo\u202egpj.exe", "1 photo_gpj.exe 2.jpg"),
        ("1", "1", "e\u0301t\u00e9", "1 \u00e9t\u00e9 2.jpg"),
        ("1", "1", "...", "1 2.jpg"),
        ("1", "", "", "1 2.jpg"),
        ("1", "1", "\u0634\u0627\u064a", "1 \u0634\u0627\u064a 2.jpg"),
    ],
)
def test_a_name_is_known_again_and_leads_nowhere(row: str, serial: str, name: str, meant: str) -> None:
    """R20"""
    assert file_name(row, serial, name, 2, "jpg") == meant


@example("\U0001f600" * 200, "\U0001f600" * 200)
@given(st.text(), st.text(max_size=2_000))
def test_any_system_takes_any_name(serial: str, product: str) -> None:
    """R20"""
    name = file_name("7", serial, product, 3, "webp")
    assert not set(name) & set('<>:"/\\|?*' + "".join(map(chr, range(32))))
    assert name.startswith("7 ")
    assert name.endswith(" 3.webp")
    assert len(name.encode()) <= 255
    assert cleaned(cleaned(product)) == cleaned(product)


LETTERS = st.text(string.ascii_letters + " 123", max_size=4)


@given(st.lists(st.tuples(LETTERS, st.integers(1, 3)), max_size=30))
def test_no_two_names_are_alike_where_case_does_not_count(products: list[tuple[str, int]]) -> None:
    names = [
        file_name(str(row).zfill(3), "x", product, place, "jpg").casefold()
        for row, (product, images) in enumerate(products)
        for place in range(1, images + 1)
    ]
    assert len(set(names)) == len(names)
