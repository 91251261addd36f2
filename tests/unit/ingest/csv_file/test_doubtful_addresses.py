"""Addresses that can be fetched as they are written, and were probably meant otherwise: a warning."""

import io
from collections.abc import Sequence

import pytest

from services.ingest.csv_file.image_urls.doubtful import doubt_about
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import JudgedCsv, read_csv

HEADER = "S. No.,Product Name,Input Image Urls\n"
A = "https://a.example/1.jpg"


def read(text: str) -> JudgedCsv:
    judged = read_csv(io.BytesIO(text.encode()), CsvLimits())
    judged.rows.close()
    return judged


ESCAPED = (f"{A}?w=1&amp;h=2", "https://s.example/a&#38;b.jpg", f"{A}?w=1&#X26;h=2")
FOLLOWED = (f"{A} main", f"{A} (front view)", "https://s.example/my%20a.PNG?v=1 - 2")


@pytest.mark.parametrize(
    ("urls", "found", "then"),
    [
        (ESCAPED, "hold &amp;, which stands for & in the HTML of a page", "write & in its place"),
        (FOLLOWED, "have words behind them", "take the words out"),
    ],
)
def test_addresses_that_were_probably_not_copied_rightly_are_a_warning(
    urls: Sequence[str], found: str, then: str
) -> None:
    """R03"""
    judged = read(f"{HEADER}1,a,{A}\n" + "".join(f"{n},b,{url}\n" for n, url in enumerate(urls, 2)))
    assert (judged.errors_total, judged.images) == (0, 4)
    (warning,) = judged.warnings
    assert warning.code == "doubtful_address"
    assert warning.message == (
        f"3 image addresses {found}, first in row 3 ('{urls[0]}'): addresses are fetched as they are written;"
        f" {then}."
    )


def test_each_doubt_is_told_and_one_address_as_one() -> None:
    """R03"""
    judged = read(f'{HEADER}1,a,"{FOLLOWED[0]},{ESCAPED[0]}"\n')
    assert [each.message.partition(", ")[0] for each in judged.warnings] == [
        "1 image address holds &amp;",
        "1 image address has words behind it",
    ]


@pytest.mark.parametrize(
    "path",
    ["1.jpg?a;b&c", "my chair.jpg", "1.jpg copy.jpg", "1.jpg old/2.jpg", "i?of=1.jpg b&w=2", "&amp.jpg"],
)
def test_an_address_that_may_well_be_meant_as_it_is_written_is_no_warning(path: str) -> None:
    """R03"""
    assert read(f"{HEADER}1,a,https://s.example/{path}\n").warnings == ()


@pytest.mark.parametrize(
    "tail", [" " + ".jpg?" * 100_000, ".jpg" + " " * 500_000 + "="], ids=["queries", "spaces"]
)
def test_a_hostile_address_is_read_once(tail: str) -> None:
    """It is far longer than one may be: looked through for each of its parts, it would take hours."""
    assert doubt_about(f"https://s.example/{tail}") is None
