"""Whatever a common CSV writer makes of a list of products reads back as that list."""

import csv
import dataclasses
import io
import json
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import read_csv

Products = list[tuple[int, str, list[str]]]


@dataclass(frozen=True)
class Writer:
    """How somebody's program writes CSV."""

    delimiter: str = ","
    line_end: str = "\n"
    quoting: int = csv.QUOTE_MINIMAL
    url_separator: str = ", "
    header: tuple[str, str, str] = ("S. No.", "Product Name", "Input Image Urls")
    before: str = ""
    last_line_end: bool = True
    extra_column: bool = False
    blank_lines: bool = False

    def write(self, products: Products) -> str:
        rows = [
            [*self.header],
            *([str(n), name, self.url_separator.join(urls)] for n, name, urls in products),
        ]
        if self.extra_column:
            rows = [["Note", *rows[0]], *(["", *row] for row in rows[1:])]
        lines = [self._line(row) for row in rows]
        text = self.before + (self.line_end * (1 + self.blank_lines)).join(lines)
        return text + self.line_end if self.last_line_end else text

    def _line(self, row: list[str]) -> str:
        file = io.StringIO()
        csv.writer(file, delimiter=self.delimiter, quoting=self.quoting, lineterminator="\r\n").writerow(row)  # type: ignore[arg-type]
        return file.getvalue().removesuffix("\r\n")


@dataclass(frozen=True)
class SpillingWriter(Writer):
    """It quotes nothing and lets every URL have a column of its own."""

    def _line(self, row: list[str]) -> str:
        urls = row[-1].split(self.url_separator) if row[-1].startswith("https:") else row[-1:]
        return self.delimiter.join([*row[:-1], *urls])


_any_name = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufeff"), min_size=1
).filter(lambda text: text.strip() == text)
_broken_name = st.lists(_any_name, min_size=1, max_size=3).map("\n".join)
_plain_name = st.text("abcXYZ 019äßÉ椅子", min_size=1).map(str.strip).filter(bool)
_western = "Stühle crème brûlée GRÖSSE naïve façade Ångström Señor Übergröße Ærø lamp 5 Café"
_japanese = "椅子 商品の名前 テスト ｱｲｽ 5 赤いランプ lamp 机"
_url = st.text("abcxyz0189-_.~%/,;=&?", max_size=20).map(
    lambda path: "https://img.example/" + path.rstrip(",;")
)
_writers = st.builds(
    Writer,
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    url_separator=st.sampled_from([",", ", ", ";", "; ", " ", "\n", "\r\n"]),
    header=st.sampled_from(
        [
            ("S. No.", "Product Name", "Input Image Urls"),
            ("S.No", "PRODUCT", "Image URLs"),
            ("serial_number", "SKU", "images"),
        ]
    ),
    before=st.sampled_from(["", "\ufeff", "\n", "\n\n"]),
    last_line_end=st.booleans(),
    extra_column=st.booleans(),
    blank_lines=st.booleans(),
)


def products_named(names: st.SearchStrategy[str]) -> st.SearchStrategy[Products]:
    urls = st.lists(_url, min_size=1, max_size=5)
    return st.lists(st.tuples(st.integers(0, 10**15 - 1), names, urls), min_size=1, max_size=20)


def words(vocabulary: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(vocabulary.split()), min_size=1, max_size=4).map(" ".join)


def read_back(data: bytes) -> Products:
    judged = read_csv(io.BytesIO(data), CsvLimits())
    with judged.rows as rows:
        lines = [json.loads(line) for line in rows]
    assert judged.errors == ()
    return [
        (int(line["serial_number"]), line["name"], [image["url"] for image in line["images"]])
        for line in lines
    ]


@given(
    products=products_named(_any_name | _broken_name),
    writer=_writers,
    encoding=st.sampled_from(["utf-8", "utf-16"]),
)
def test_any_names_in_unicode(products: Products, writer: Writer, encoding: str) -> None:
    """R03, R04"""
    assert read_back(writer.write(products).encode(encoding)) == products


@given(
    products=products_named(_plain_name), writer=_writers, wide=st.sampled_from(["utf-16-le", "utf-16-be"])
)
def test_utf_16_without_its_mark(products: Products, writer: Writer, wide: str) -> None:
    """R03, R04"""
    assert read_back(writer.write(products).encode(wide)) == products


@given(
    written=st.one_of(
        st.tuples(products_named(words(_western)), st.just("cp1252")),
        st.tuples(products_named(words(_japanese)), st.just("cp932")),
    ),
    writer=_writers,
)
def test_words_in_eight_bit_encodings(written: tuple[Products, str], writer: Writer) -> None:
    """R03, R04"""
    products, encoding = written
    unmarked = dataclasses.replace(writer, before=writer.before.removeprefix("\ufeff"))
    assert read_back(unmarked.write(products).encode(encoding)) == products


@given(products=products_named(_plain_name), delimiter=st.sampled_from(",;\t|"), extra=st.booleans())
def test_urls_in_columns_of_their_own(products: Products, delimiter: str, *, extra: bool) -> None:
    """R04"""
    writer = SpillingWriter(delimiter=delimiter, url_separator=" ", extra_column=extra)
    assert read_back(writer.write(products).encode()) == products


def unquoted(cell: str, delimiter: str) -> str | None:
    """How a program writes the cell that quotes only where it must, if it can."""
    if set(cell) & {delimiter, "\n", "\r"} or cell.lstrip(" ").startswith('"'):
        return None
    return cell


def quoted(cell: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'


SPACES = st.sampled_from(["", " ", "  "])


@st.composite
def written_cells(draw: st.DrawFn, delimiter: str) -> tuple[str, str]:
    """A cell, and how it stands in a file."""
    cell = draw(SPACES) + draw(st.text("ab=\u3000") | st.text(f' {delimiter}"ab\n', max_size=6))
    plain = unquoted(cell, delimiter)
    if plain is not None and draw(st.booleans()):
        return cell, plain
    return cell, draw(SPACES) + quoted(cell)


@given(st.data(), st.sampled_from(",;\t|"), st.sampled_from(["", " "]))
def test_every_cell_comes_back_as_it_was_sent(data: st.DataObject, delimiter: str, space: str) -> None:
    """R14: with the spaces before it, however it is quoted."""
    cells = data.draw(
        st.lists(st.lists(written_cells(delimiter), min_size=3, max_size=3), min_size=1, max_size=4)
    )
    head = [" S. No.", "Product Name ", "  Input Image Urls", " Note", '"  Re: ""x"""', " =1 "]
    text = "".join(
        delimiter.join(row) + "\r\n"
        for row in [
            head,
            *(
                [
                    f"{space}{number}",
                    f"{space}Chair",
                    f"{space}https://a.example/1.jpg",
                    *(how for _, how in row),
                ]
                for number, row in enumerate(cells)
            ),
        ]
    )
    judged = read_csv(io.BytesIO(text.encode()), CsvLimits())
    with judged.rows as rows:
        lines = [json.loads(line) for line in rows]
    assert judged.header.columns == (*head[:4], '  Re: "x"', " =1 ")
    assert [line["cells"] for line in lines] == [
        [f"{space}{number}", f"{space}Chair", f"{space}https://a.example/1.jpg", *(cell for cell, _ in row)]
        for number, row in enumerate(cells)
    ]
    assert [line["name"] for line in lines] == ["Chair"] * len(cells)
