"""A row in the usual form is judged at one look, which agrees with the whole judgement."""

from hypothesis import example, given
from hypothesis import strategies as st

from services.ingest.csv_file.header.column_choice import NOTHING_SAID
from services.ingest.csv_file.header.columns import Header
from services.ingest.csv_file.header.search import find_header
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.rows.of_lists import ListRows

LIMITS = CsvLimits()

addresses = st.sampled_from(["https://a.example/", "http://shop.example/img/1.jpg", "HTTPS://X.EXAMPLE/a"])
ends = st.sampled_from(
    [
        "",
        "a.jpg",
        "a.jpg.",
        "?v=1",
        ",b",
        " ! alt : x",
        "|",
        ";https://b.example/c",
        "[1]",
        '"',
        "\0",
        "\n",
        "\u200b",
        "é",
    ]
)
cells = st.one_of(
    st.text(max_size=20),
    st.builds(str.__add__, addresses, ends),
    st.builds(lambda *parts: "".join(parts), ends, addresses, ends, addresses),
)
numbers = st.one_of(st.text(max_size=3), st.integers(0, 10**16).map(str), st.just(" 7 "), st.just("٣"))


def header() -> Header:
    found, _ = find_header(iter(["S. No.,Product Name,Input Image Urls\n"]), LIMITS, NOTHING_SAID)
    return found


@given(number=numbers, name=st.text(max_size=5), cell=cells)
@example(number="1", name="Cup", cell="https://a.example/a.jpg")
@example(number="1", name="Cup", cell="https://a.example/a.jpg.")
@example(number="1", name="Cup", cell="https://a.example/" + "a" * 3_000)
@example(number="1", name="C\0up", cell="https://a.example/a.jpg")
@example(number="1", name=" ", cell="https://a.example/a.jpg")
def test_the_quick_look_says_what_the_whole_judgement_says_or_nothing(
    number: str, name: str, cell: str
) -> None:
    rows, row = ListRows(header(), LIMITS), [number, name, cell]
    quick = rows._usual(2, row)
    assert quick is None or quick == rows._product(2, row, row)


def test_the_usual_row_is_judged_at_one_look() -> None:
    rows = ListRows(header(), LIMITS)
    assert rows._usual(2, ["1", "Cup", "https://cdn.shop.example/img/1.jpg?v=2"]) is not None
