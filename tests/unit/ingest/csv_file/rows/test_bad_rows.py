"""What is said of a row that is wrong, and of one that is doubtful."""

import io
from ipaddress import ip_network

import pytest

from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import read_csv
from tests.worlds.files.read_csvs import HEADER, A, B, products, read


def test_duplicate_serial_numbers_warn() -> None:
    judged = read(f"{HEADER}1,a,{A}\n2,b,{A}\n1,c,{A}\n")
    assert [(warning.code, warning.message) for warning in judged.warnings] == [
        ("duplicate_serial_number", "Serial numbers occur again: '1' in row 4.")
    ]


def test_row_numbers_are_those_a_spreadsheet_shows() -> None:
    """R03: a quoted line break does not begin a row, a blank line is one."""
    text = f'\n{HEADER}1,"two\nlines",{A}\n\n2,,{A}\n'
    (error,) = read(text).errors
    assert (error.row, error.code) == (5, "missing_product_name")


@pytest.mark.parametrize(
    "row",
    [f"1\0,SKU1,{A}", f"1,\0,{A}", f"1,SKU1,{A}\0", "\0" * 100],
    ids=["number", "name", "address", "block"],
)
def test_a_nul_is_told_before_what_it_makes_wrong(row: str) -> None:
    """R03: as in a file that ends with a block of them."""
    errors = read(f"{HEADER}{row}\n").errors
    assert errors[0].code == "nul_character"


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (f",SKU1,{A}", "S. No.", "missing_serial_number"),
        (f"1.5,SKU1,{A}", "S. No.", "invalid_serial_number"),
        (f"-1,SKU1,{A}", "S. No.", "invalid_serial_number"),
        (f"\u0661,SKU1,{A}", "S. No.", "invalid_serial_number"),
        (f"{'9' * 16},SKU1,{A}", "S. No.", "invalid_serial_number"),
        (f"1, ,{A}", "Product Name", "missing_product_name"),
        (f"1,SK\0,{A}", "Product Name", "nul_character"),
        ("1,SKU1", "Input Image Urls", "missing_url"),
        ('1,SKU1,", ;"', "Input Image Urls", "missing_url"),
        ("1,SKU1,a.example/1.jpg", "Input Image Urls", "invalid_url"),
        ("1,SKU1,ftp://a.example/1.jpg", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https:///1.jpg", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://u:p@a.example/1.jpg", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://a.example:0/", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://a.example:x/", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://[::g]/", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://a b.example/", "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://a..example/", "Input Image Urls", "invalid_url"),
        ('1,SKU1,"https://a.example/\n1.jpg"', "Input Image Urls", "invalid_url"),
        ("1,SKU1,https://a.example/\x07", "Input Image Urls", "invalid_url"),
        (f"1,SKU1,https://{'a.' * 500}example/", "Input Image Urls", "invalid_url"),
        (f"1,SKU1,https://{'a' * 64}.example/", "Input Image Urls", "invalid_url"),
        (f"1,SKU1,https://a.example/{'x' * 2048}", "Input Image Urls", "invalid_url"),
        (f"1,Chair, red,{A}", "Input Image Urls", "invalid_url"),
    ],
)
def test_what_a_row_lacks_is_named(row: str, column: str, code: str) -> None:
    """R03"""
    (error,) = read(f"{HEADER}{row}\n").errors
    assert (error.row, error.column, error.code) == (2, column, code)
    assert error.hint


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/1.jpg",
        "http://10.0.0.1/1.jpg",
        "https://[2001:db8::1]:8443/1.jpg",
        "https://müller.example/ä.jpg",
        "https://a.example./x",
        "https://a.example?x=1",
        "https://a_b.example/1.jpg",
    ],
)
def test_urls_are_judged_by_their_form_alone(url: str) -> None:
    assert products(f"{HEADER}1,SKU1,{url}\n") == [("1", "SKU1", [url])]


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        ("1.0", "Write 1, without decimals."),
        ("1,00", "Write 1, without decimals."),
        ("12.0000", "Write 12, without decimals."),
        ("1,000", "Write 1000 or 1, whichever is meant"),
        ("1.000", "Write 1000 or 1, whichever is meant"),
        ("1,234", "Write 1234, without separators."),
        ("1.234.567", "Write 1234567, without separators."),
        ("1 000", "Write 1000, without separators."),
        ("1\u202f000", "Write 1000, without separators."),
        ("1'000", "Write 1000, without separators."),
        ("\uff11", "Write 1, the number alone."),
        ("\u0663", "Write 3, the number alone."),
        ("1.", "Write 1, the number alone."),
        ("1)", "Write 1, the number alone."),
        ("#3", "Write 3, the number alone."),
        ("No. 3", "Write 3, the number alone."),
        ("Nr.3", "Write 3, the number alone."),
        ("'7", "Write 7, the number alone."),
        ("1.00E+05", "A spreadsheet has shortened it"),
        ('=""42""', "Write 42, the number alone."),
        ("1,2E+12", "A spreadsheet has shortened it"),
        ("1.5", "Give every row a whole number"),
        ("-1", "Give every row a whole number"),
        ("A-1", "Give every row a whole number"),
        ("1-2", "Give every row a whole number"),
        ("1/2/2026", "Give every row a whole number"),
        ("9" * 16, "Give every row a whole number"),
        ("9,999,999,999,999,999", "Give every row a whole number"),
    ],
)
def test_a_serial_number_that_is_none_is_told_what_to_write_where_it_is_plain(number: str, hint: str) -> None:
    """R03"""
    (error,) = read(f'{HEADER}"{number}",a,{A}\n').errors
    assert error.code == "invalid_serial_number"
    assert error.hint.startswith(hint)


def test_another_image_of_the_row_above_is_told_what_it_lacks() -> None:
    """R03"""
    errors = read(f"{HEADER}1,a,{A}\n,,{B}\n").errors
    assert [error.code for error in errors] == ["missing_serial_number", "missing_product_name"]
    (hint,) = {error.hint for error in errors}
    assert hint.startswith(
        "If this is another image of the product above, write that product's number and name"
    )


PRIVATE = (
    "http://192.168.0.5/1.jpg",
    "https://127.1/2.jpg",
    "http://localhost:8000/3.jpg",
    "https://[::1]/4.jpg",
)


def test_addresses_in_a_private_network_are_a_warning_that_says_what_will_happen() -> None:
    """R03, R20"""
    rows = f"1,a,{A}\n" + "".join(f"{n},b,{url}\n" for n, url in enumerate(PRIVATE, 2))
    judged = read(HEADER + rows)
    assert (judged.errors_total, judged.images) == (0, 5)
    (warning,) = judged.warnings
    assert warning.code == "private_address"
    assert warning.message == (
        "4 image addresses lead into a private network, first in row 3 ('http://192.168.0.5/1.jpg'): these"
        " images will fail as blocked_address; give addresses that everybody can open."
    )


def test_no_warning_speaks_of_a_public_address_or_of_a_network_that_is_let_through() -> None:
    """R03"""
    public = "https://8.8.8.8/1.jpg,https://1.example/2.jpg,https://localhost.example/3.jpg"
    assert read(f'{HEADER}1,a,"{public}"\n').warnings == ()
    data = io.BytesIO(f"{HEADER}1,a,{PRIVATE[0]}\n".encode())
    judged = read_csv(data, CsvLimits(), allow=(ip_network("192.168.0.0/16"),))
    judged.rows.close()
    assert judged.warnings == ()


def test_a_hint_is_worked_out_only_for_an_error_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """R03: of a million bad rows a thousand are."""
    asked: list[str] = []

    def hint(url: str) -> str:
        asked.append(url)
        return f"mend {url}"

    monkeypatch.setattr("services.ingest.csv_file.rows.errors.url_hint", hint)
    judged = read(
        HEADER + "".join(f"{row},SKU,htp:/{row}\n" for row in range(50)), CsvLimits(errors_listed=2)
    )
    assert not asked
    assert [error.hint for error in judged.errors] == ["mend htp:/0", "mend htp:/1"]
    assert len(asked) == 2
