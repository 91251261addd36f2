"""In which encoding a file is read, and what is said where that was assumed."""

import pytest

from services.ingest.csv_file.encodings.sample import PIECE_BYTES
from tests.worlds.files.read_csvs import HEADER, A, products, read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_unicode_encoding_is_read(encoding: str) -> None:
    """R03"""
    text = f"{HEADER}1,Stühle 椅子,{A}\n"
    assert products(text.encode(encoding)) == [("1", "Stühle 椅子", [A])]


@pytest.mark.parametrize(
    ("encoding", "name", "warning"),
    [
        ("cp1252", "Stühle", "encoding_assumed"),
        ("cp1252", "crème brûlée \u2013 5 €", "encoding_assumed"),
        ("cp1252", "GRÖßE naïve", "encoding_unsure"),
        ("cp932", "椅子", "encoding_assumed"),
        ("cp932", "商品の名前テスト 5 cm", "encoding_assumed"),
        ("cp932", "ｱｲｽ", "encoding_unsure"),  # or "±²½", or "БВН"
    ],
)
def test_eight_bit_encodings_are_told_apart_and_said(encoding: str, name: str, warning: str) -> None:
    """R03"""
    data = f"{HEADER}1,{name},{A}\n".encode(encoding)
    assert products(data) == [("1", name, [A])]
    judged = read(data)
    assert judged.encoding.name == {"cp1252": "windows-1252", "cp932": "shift_jis"}[encoding]
    assert [each.code for each in judged.warnings] == [warning]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf_16_is_known_also_where_letters_have_a_zero_byte(encoding: str) -> None:
    text = f"{HEADER}1,一,{A}\n"
    assert products(text.encode(encoding)) == [("1", "一", [A])]


def test_an_encoding_is_known_also_where_its_letters_come_late() -> None:
    rows = "".join(f"{number},Chair,{A}\n" for number in range(10_000))
    data = f"{HEADER}{rows}10000,商品の名前テスト,{A}\n".encode("cp932")
    assert len(data) > PIECE_BYTES
    assert read(data).encoding.name == "shift_jis"
