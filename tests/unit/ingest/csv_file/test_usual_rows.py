"""Rows in the usual form are taken many at once, which changes nothing of what is said of a file."""

import dataclasses
import io
import math
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.ingest.csv_file import reader, text
from services.ingest.csv_file.header.column_choice import NOTHING_SAID
from services.ingest.csv_file.header.search import find_header
from services.ingest.csv_file.limits import CsvLimits, CsvTooLarge
from services.ingest.csv_file.lines_ahead import LinesAhead
from services.ingest.csv_file.rows.of_lists import ListRows
from services.ingest.csv_file.usual import rows_ahead
from services.ingest.csv_file.usual.form import UsualForm, usual_form
from services.ingest.csv_file.verdicts import UnreadableCsv

LIMITS = CsvLimits()
NOTHING = io.BytesIO()
OWN = "S. No.,Product Name,Input Image Urls"
HEADERS = [
    OWN,
    "Nr;Artikel;Bild",
    "Product Name\tNote\tS. No.\tInput Image Urls",
    "Image 1,Image 2,S. No.,Product Name,Size",
    "Handle,Title,Image Src",
]
# As long as a host may be, and one longer.
LONG_HOSTS = [f"https://{'a' * 60}.{'b' * 60}.{'c' * 61}.{'d' * last}.example/1.jpg" for last in (61, 62)]
USUAL = [f'1,Cup,"https://a.example/1.jpg,https://b.example/2.jpg"{end}' for end in ("\n", "\r\n", "\r", "")]


def form_of(header: str) -> UsualForm:
    form = usual_form(find_header(LinesAhead([f"{header}\n"]), LIMITS, NOTHING_SAID), LIMITS)
    assert form is not None
    return form


@pytest.mark.parametrize(
    "line",
    [
        *USUAL,
        "1,Cup,https://a.example/1.jpg\n",
        "1,Cup,https://a.example/1.jpg,,,\n",
        '"1","Cup, large","https://cdn.shop.example/img/1.jpg?v=2, http://b.example/"\n',
        "123456789012345,Tasse für Öl ,https://a.example/w_400/x.jpg\n",
    ],
)
def test_such_rows_are_in_the_usual_form(line: str) -> None:
    """R24"""
    assert form_of(OWN).match(line) is not None


@pytest.mark.parametrize(
    "line",
    [
        "1,Cup,https://a.example/1.jpg,https://b.example/2.jpg\n",
        "1,Cup,https://a.example/1.jpg.\n",
        "1,Cup,https://www.dropbox.com/s/a/1.jpg?dl=0\n",
        "1,Cup,https://a.example:8080/1.jpg\n",
        "1,Cup,https://127.0.0.1/1.jpg\n",
        f"1,Cup,{LONG_HOSTS[1]}\n",
        "1,Cup,https://localhost/1.jpg\n",
        "1,Cup,https://a.example/?u=https://b.example/\n",
        f"1,Cup,https://a.example/{'a' * 2_000}\n",
        "1, Cup,https://a.example/1.jpg\n",
        "1,,https://a.example/1.jpg\n",
        '1,"19"" screen",https://a.example/1.jpg\n',
        '1,"Cup\n',
        "1,C\\up,https://a.example/1.jpg\n",
        "1,C\0up,https://a.example/1.jpg\n",
        "1,Cup,https://a.example/1.jpg\x1a\n",
        "1234567890123456,Cup,https://a.example/1.jpg\n",
        "1,Cup,\n",
        "\n",
    ],
)
def test_other_rows_are_left_to_the_whole_judgement(line: str) -> None:
    """R24"""
    assert form_of(OWN).match(line) is None


def test_a_file_of_usual_rows_is_hardly_judged_row_by_row() -> None:
    """R24"""
    rows = "".join(f'{n},Cup,"https://a.example/{n},https://b.example/{n}"\r\n' for n in range(5_000))
    with patch.object(ListRows, "judge", autospec=True, side_effect=ListRows.judge) as judge:
        judged = reader.read_csv(io.BytesIO(f"{OWN}\n{rows}".encode()), LIMITS)
    judged.rows.close()
    assert (judged.products, judged.images) == (5_000, 10_000)
    assert judge.call_count < 20


addresses = st.sampled_from(
    [
        "https://a.example/1.jpg",
        "https://a.example/2.jpg",
        "http://shop.example/img/",
        "https://a.example/é.jpg",
        "https://a.example/1.jpg.",
        "HTTPS://X.EXAMPLE/a",
        "https://10.0.0.1/a.jpg",
        "https://drive.google.com/file/d/a/view",
        "https://github.com/a/b/blob/main/1.jpg",
        "https://app.box.com/s/a1b2",
        "https://a.example:80/a",
        "ftp://a.example/a",
        *LONG_HOSTS,
        "n/a",
        "",
    ]
)
lists = st.builds(
    lambda urls, between: between.join(urls),
    st.lists(addresses, min_size=1, max_size=3),
    st.sampled_from([",", ", ", ";", " | "]),
)
texts = st.one_of(
    st.sampled_from(["Cup", "Cup, large", " Cup", "Cup ", "Tasse ü", "", 'a "b"']),
    st.sampled_from(["a\\", "total", "c\nd", "x\x1a"]),
    st.text(max_size=4),
)
numbers = st.one_of(st.integers(0, 30).map(str), st.sampled_from(["", " 7", "1.0", "٣", "1234567890123456"]))


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@st.composite
def rows(draw: st.DrawFn, header: str) -> str:
    """Mostly in the usual form or nearly so, and several times the same: a run's last row is left."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.one_of(st.text(max_size=12), st.sampled_from(["\n", f"{header}\n", "Total,3\n", '"'])))
    delimiter = next(each for each in ",;\t" if each in header)
    cells = []
    for name in header.split(delimiter):
        if "mage" in name or name == "Bild":
            cell = draw(st.one_of(st.just("https://a.example/1.jpg"), lists))
        elif name in {"S. No.", "Nr"}:
            cell = draw(st.one_of(st.integers(0, 50).map(str), numbers))
        else:
            cell = draw(st.one_of(st.just("Cup"), texts))
        cells.append(draw(st.sampled_from([quoted(cell), cell])))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r", f"{delimiter}{delimiter}\n"]))
    return (delimiter.join(cells) + end) * draw(st.integers(1, 3))


@st.composite
def files(draw: st.DrawFn) -> str:
    header = draw(st.sampled_from(HEADERS))
    return header + "\n" + "".join(draw(st.lists(rows(header), max_size=20)))


def told(data: bytes, limits: CsvLimits, *, looks_ahead: bool) -> object:
    """All that is said of a file, however it ends."""
    with (
        patch.object(reader, "SMALL_FILE_BYTES", 0 if looks_ahead else math.inf),
        patch.object(rows_ahead, "LEAST_ROWS", 1),
        patch.object(text, "BLOCK_CHARACTERS", 300),
    ):
        try:
            judged = reader.read_csv(io.BytesIO(data), limits)
        except UnreadableCsv as verdict:
            return [(error.sentence(), error.hint, error.column, error.value) for error in verdict.errors]
        except CsvTooLarge as verdict:
            return (verdict.limit, verdict.maximum, verdict.row)
    with judged.rows as lines:
        written = lines.read()
    errors = [error._replace(advice=error.hint) for error in judged.errors]
    return dataclasses.replace(judged, rows=NOTHING, errors=()), errors, written


@settings(max_examples=300)
@given(
    content=files(), rows_at_most=st.sampled_from([10, 1_000]), images_at_most=st.sampled_from([30, 10_000])
)
@example(content=OWN + "\n" + "".join(USUAL[:3] * 20), rows_at_most=1_000, images_at_most=10_000)
@example(
    content=OWN + "\n" + USUAL[0] * 30 + '2,"Cup\n' + USUAL[0] * 30, rows_at_most=1_000, images_at_most=10_000
)
@example(content=OWN + "\n" + "1,Cup ,https://a.example/1\n" * 30, rows_at_most=1_000, images_at_most=10_000)
@example(
    content=OWN + "\n" + USUAL[0] * 20 + "".join(f"{n},Tasse ü{n},https://a.example/{n}\n" for n in range(9)),
    rows_at_most=1_000,
    images_at_most=10_000,
)
@example(
    content=HEADERS[2] + "\n" + "Cup\t of tin\t1\thttps://a.example/1\n" * 30,
    rows_at_most=1_000,
    images_at_most=10_000,
)
@example(
    content="No;Name;Image\n"
    + "".join(f"{n};Cup {n};https://a.example/{n}\n" for n in range(30))
    + ";;https://a.example/2\n" * 3,
    rows_at_most=1_000,
    images_at_most=10_000,
)
@example(
    content=OWN + "\n" + "".join(f"{n},Cup,{LONG_HOSTS[1]}\n" for n in range(9)),
    rows_at_most=1_000,
    images_at_most=10_000,
)
def test_whatever_a_file_holds_the_same_is_said_of_it(
    content: str, rows_at_most: int, images_at_most: int
) -> None:
    """R03, R04, R24"""
    data = content.encode("utf-8", "replace")
    limits = CsvLimits(rows=rows_at_most, images=images_at_most)
    assert told(data, limits, looks_ahead=True) == told(data, limits, looks_ahead=False)
