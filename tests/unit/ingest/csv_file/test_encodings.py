"""In which encoding a file is read: it reads as the language of its letters, or a person is asked."""

import dataclasses
import io
import json
from collections import Counter
from collections.abc import Sequence

import pytest

from services.ingest.csv_file.encodings.names import PUBLIC_NAMES, codec_named
from services.ingest.csv_file.encodings.sample import PIECE_BYTES
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.marked import mark_rows
from services.ingest.csv_file.reader import JudgedCsv, read_csv
from services.ingest.csv_file.verdicts import CellError, UnreadableCsv
from tests.worlds.files.shop_files import HEADER, ShopFile, csv_of, shop_files

SEED = 8
KINDS = ("few words", "small", "capitals", "mostly ASCII")
STRAY = "undecodable_byte"


def read(data: bytes, codec: str | None = None) -> JudgedCsv:
    judged = read_csv(io.BytesIO(data), CsvLimits(), codec=codec)
    with judged.rows as rows:
        return dataclasses.replace(judged, rows=io.BytesIO(rows.read()))


def names(judged: JudgedCsv) -> tuple[str, ...]:
    return tuple(json.loads(line)["name"] for line in judged.rows)


def codes(judged: JudgedCsv) -> list[str]:
    return [warning.code for warning in judged.warnings]


def row(number: int, name: str) -> str:
    return f"{number},{name},https://a.example/{number}.jpg\n"


def test_of_many_languages_and_encodings_nearly_all_are_read_rightly_and_none_wrongly_without_a_word() -> (
    None
):
    """R03"""
    files = list(shop_files(SEED, KINDS))
    assert len(files) >= 250
    outcomes = Counter(_outcome(file) for file in files)
    assert outcomes["wrong and silent"] == 0, (SEED, outcomes)
    assert outcomes["right"] >= 0.95 * len(files), (SEED, outcomes)


def _outcome(file: ShopFile) -> str:
    try:
        judged = read(file.data)
    except UnreadableCsv:
        return "refused"
    if names(judged) == file.names:
        return "right"
    if judged.errors or "encoding_unsure" in codes(judged):
        return "wrong and told"
    return "wrong and silent"


@pytest.mark.parametrize(
    "file", list(shop_files(SEED, ("large",))), ids=lambda file: f"{file.language}-{file.codec}"
)
def test_a_large_list_is_read_rightly(file: ShopFile) -> None:
    assert names(read(file.data)) == file.names


@pytest.mark.parametrize(
    ("stray", "rows"), [(b"\xe9", 20_000), (b"\xff", 30), (b"\xc3", 30), (b"\x96", 30), (b"\x80\x80", 30)]
)
def test_one_stray_byte_does_not_change_the_encoding_and_its_row_is_named(stray: bytes, rows: int) -> None:
    """R03"""
    good = csv_of(tuple(("Stühle", "Chair", "Körbe")[n % 3] for n in range(rows))).encode()
    judged = read(good + b"7,Caf" + stray + b" noir,https://a.example/7.jpg\n")
    assert (judged.encoding.name, judged.products) == ("utf-8", rows)
    (error,) = judged.errors
    assert (error.row, error.column, error.code) == (rows + 2, "Product Name", STRAY)
    assert f"0x{stray[0]:02X}" in error.problem
    assert str(error.value).startswith("Caf\ufffd")


def test_a_byte_that_reads_as_nothing_after_much_ascii_is_named_too() -> None:
    data = csv_of(("Chair oak",) * 20_000).encode() + b"20001,Cha\xffir,https://a.example/1.jpg\n"
    (error,) = read(data).errors
    assert (error.row, error.code) == (20_002, STRAY)


@pytest.mark.parametrize(
    ("codec", "stray"), [("cp932", b"\xff"), ("cp932", b"\x81"), ("gb18030", b"\xff"), ("cp949", b"\xff")]
)
def test_a_stray_byte_far_beyond_the_sample_is_named_in_other_encodings(codec: str, stray: bytes) -> None:
    names_of = {"cp932": "木製の椅子", "gb18030": "红色的木制椅子", "cp949": "나무 의자"}
    data = csv_of((names_of[codec],) * 10_000).encode(codec) + b"1,x " + stray + b",https://a.example/1.jpg\n"
    assert len(data) > PIECE_BYTES
    (error,) = read(data).errors
    assert (error.row, error.column, error.code) == (10_002, "Product Name", STRAY)


def test_rows_in_another_encoding_than_the_rest_are_named_one_by_one() -> None:
    data = csv_of(("Stühle",) * 50).encode() + "".join(row(n, "Körbe") for n in range(3)).encode("cp1252")
    judged = read(data)
    assert [error.row for error in judged.errors] == [52, 53, 54]
    assert {error.code for error in judged.errors} == {STRAY}
    assert judged.products == 50


def test_the_marked_file_shows_where_the_byte_was() -> None:
    data = csv_of(("Stühle",) * 3).encode() + b"4,Caf\xe9,https://a.example/4.jpg\n"
    with mark_rows(io.BytesIO(data), CsvLimits()) as marked:
        last = marked.read().decode().splitlines()[-1]
    assert last.startswith("4,Caf\ufffd,https://a.example/4.jpg,'Caf\ufffd' holds a byte (0xE9)")


def test_a_stray_byte_in_the_header_is_named_as_such() -> None:
    data = csv_of(("Stühle",) * 3).encode().replace(b"Product Name", b"Product N\xe4me")
    with pytest.raises(UnreadableCsv) as raised:
        read(data)
    assert (raised.value.errors[0].row, raised.value.errors[0].code) == (1, "unknown_encoding")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["стул", "椅子" * 400, "Stühle", "一", "ΞΎΛΟ"])
def test_utf_16_needs_no_mark(codec: str, name: str) -> None:
    judged = read(csv_of((name,) * 5).encode(codec))
    assert (judged.encoding.name, names(judged)) == (codec, (name,) * 5)


def test_japanese_mail_encoding_is_not_taken_for_ascii() -> None:
    assert names(read(csv_of(("木製の椅子",)).encode("iso2022_jp"))) == ("木製の椅子",)


@pytest.mark.parametrize("name", ["Stühle", "стул", "椅子", "é", "Å", "의자", "Աթոռ", "🪑"])
def test_utf_8_is_never_doubted(name: str) -> None:
    judged = read(csv_of((name,)).encode())
    assert (names(judged), codes(judged)) == ((name,), [])


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("iso8859_3", "ĉambro ŝtono"),
        ("iso8859_14", "tŷ dŵr"),
        ("cp850", "Board 1½"),
        ("cp850", "Tea £5"),
        ("cp932", "ｲｽ"),
        ("euc_kr", "등"),
    ],
)
def test_what_too_few_letters_or_an_encoding_that_we_do_not_know_leave_open_is_asked_about(
    codec: str, name: str
) -> None:
    assert codes(read(csv_of((name,)).encode(codec))) == ["encoding_unsure"]


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("cp737", "ξύλινη καρέκλα"),
        ("cp862", "שולחן מטבח"),
        ("mac_greek", "ξύλινη καρέκλα"),
        ("iso8859_6", "طاولة مطبخ"),
        ("iso8859_15", "cœur de bœuf 5 €"),
        ("cp932", "ｲｽ ﾃｰﾌﾞﾙ ﾗﾝﾌﾟ ｱｶ"),
        ("big5hkscs", "嘅貨品 啲燈 靚"),
        ("euc_jis_2004", "商品① 木製の椅子"),
        ("cp1252", "Men\u2019s “best” chair \u2013 5 °C®"),
        ("mac_roman", "Men\u2019s “best” chair \u2013 5 °C®"),
    ],
)
def test_rarer_encodings_and_signs_are_read_rightly(codec: str, name: str) -> None:
    assert names(read(csv_of((name,) * 3).encode(codec))) == (name,) * 3


def test_a_chinese_character_that_is_also_a_letter_of_utf_8_is_asked_about() -> None:
    judged = read(csv_of(("一",)).encode("gbk"))
    assert codes(judged) == ["encoding_unsure"]
    assert "'一'" in judged.warnings[0].message


@pytest.mark.parametrize(
    ("stated", "name", "codec"),
    [
        ("windows-1250", "Ž", "cp1250"),
        ("Shift_JIS", "ｱ", "cp932"),
        ("GBK", "一", "gbk"),
        ("mac roman", "ü", "mac_roman"),
        ("UTF-16", "ü", "utf-16-be"),
        ("latin-1", "ü", "latin-1"),
        ("koi8-r", "Ж", "koi8_r"),
    ],
)
def test_a_stated_encoding_is_taken(stated: str, name: str, codec: str) -> None:
    assert names(read(csv_of((name,)).encode(codec), codec_named(stated))) == (name,)


@pytest.mark.parametrize(
    ("stated", "sent_in", "first_row"),
    [
        ("utf-8", "cp1252", 3),
        ("shift_jis", "cp1252", 3),
        ("euc-kr", "cp1252", 3),
        ("utf-16", "utf-8", 1),
        ("windows-1252", "utf-8-sig", 1),
        ("utf-8", "utf-16", 1),
        ("utf-16-le", "utf-16-be", 1),
    ],
)
def test_a_stated_encoding_that_does_not_fit_is_refused_with_its_first_row(
    stated: str, sent_in: str, first_row: int
) -> None:
    data = csv_of(("Chair", "Stühle", "Körbe")).encode(sent_in)
    try:
        errors: Sequence[CellError] = read(data, codec_named(stated)).errors
    except UnreadableCsv as refusal:
        errors = refusal.errors
    assert errors[0].row == first_row
    assert stated in errors[0].sentence().lower()
    assert "encoding" in errors[0].hint


def test_a_stated_encoding_in_which_the_file_reads_badly_is_taken_with_a_warning() -> None:
    judged = read(csv_of(("Stühle", "Gläser", "Körbe")).encode(), "cp1252")
    assert names(judged)[0] == "StÃ¼hle"
    assert codes(judged) == ["encoding_unsure"]
    assert "row 2 says 'StÃ¼hle', and as utf-8 it would say 'Stühle'" in judged.warnings[0].message


def test_three_different_cells_with_letters_beyond_ascii_are_shown_with_their_rows() -> None:
    judged = read(
        csv_of(("Chair", "5 €", "стул", "стул", "деревянный стол", "лампа", "нож")).encode("cp1251")
    )
    assert [(cell.row, cell.column, cell.value) for cell in judged.samples] == [
        (4, "Product Name", "стул"),
        (6, "Product Name", "деревянный стол"),
        (7, "Product Name", "лампа"),
    ]
    assert (judged.encoding.name, judged.encoding.language) == ("windows-1251", "Russian")


def test_of_a_long_cell_the_part_with_the_letter_is_shown() -> None:
    (cell,) = read(csv_of(("x" * 500 + " Stühle " + "y" * 500,)).encode()).samples
    assert "Stühle" in cell.value
    assert len(cell.value) < 100


@pytest.mark.parametrize(
    ("name", "mended"),
    [("SÃ£o Paulo mug", "São Paulo mug"), ("StÃ¼hle", "Stühle"), ("cafÃ© mug", "café mug")],
)
def test_text_that_was_broken_before_it_came_is_spoken_of(name: str, mended: str) -> None:
    """R03: its bytes are right, so no encoding would help."""
    (warning,) = read(csv_of((name,)).encode()).warnings
    assert warning.code == "text_broken"
    assert f"says '{name}', which was probably '{mended}'" in warning.message
    assert codes(read(csv_of((mended,)).encode())) == []


def test_signs_are_shown_where_there_are_no_letters() -> None:
    assert [cell.value for cell in read(csv_of(("Chair 5 €",)).encode("cp1252")).samples] == ["Chair 5 €"]


@pytest.mark.parametrize("piece", [b"a", b"\xe9", b"a\xe9", b"\x81@", b"\xa4\xa2", b"\xff", b"\x1b$"])
def test_a_hostile_name_takes_time_in_proportion_to_its_length(piece: bytes) -> None:
    """R20: quadratic time would take many minutes here."""
    name = piece * (1_000_000 // len(piece))
    judged = read(HEADER.encode() + b"1,x" + name + b"\xe9,https://a.example/1.jpg\n")
    assert judged.products + len(judged.errors) == 1


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_every_name_that_is_offered_is_known(name: str) -> None:
    codec = codec_named(name)
    assert codec is not None
    assert names(read(csv_of(("Chair",)).encode(codec), codec)) == ("Chair",)


@pytest.mark.parametrize(
    "name", ["", "rot13", "base64", "idna", "utf-7", "undefined", "é", "a\0b", "x" * 100]
)
def test_what_is_no_encoding_of_texts_is_unknown(name: str) -> None:
    assert codec_named(name) is None


def test_the_header_line_of_the_corpus_is_the_usual_one() -> None:
    assert csv_of(()) == HEADER
