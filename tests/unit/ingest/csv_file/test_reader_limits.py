"""What a file may hold, which row exceeds it, and that a large one is read in large pieces."""

from pathlib import Path

import pytest

from services.ingest.csv_file.limits import CsvLimits, CsvTooLarge
from services.ingest.csv_file.reader import read_csv
from services.ingest.csv_file.spool import SPOOL_BYTES, open_spool
from tests.worlds.files.read_csvs import HEADER, A, read


def test_a_limit_names_the_row_that_a_spreadsheet_shows() -> None:
    with pytest.raises(CsvTooLarge) as raised:
        read("\n\n" + HEADER + f"1,a,{A}\n2,b," + " ".join([A] * 5), CsvLimits(urls_per_row=4))
    assert raised.value.row == 5


def test_the_first_errors_are_listed_and_all_are_counted() -> None:
    judged = read(HEADER + ",,\nx,,\n" * 10, CsvLimits(errors_listed=4))
    assert (len(judged.errors), judged.errors_total, judged.bad_rows) == (4, 30, 10)


def test_a_file_has_no_more_images_than_one_request_may_have() -> None:
    """R29: repeats count too, for each is an image."""
    two_rows = f'{HEADER}1,SKU,"{A},{A}"\n2,SKU,{A}\n'
    assert read(two_rows, CsvLimits(images=3)).images == 3
    with pytest.raises(CsvTooLarge) as raised:
        read(two_rows, CsvLimits(images=2))
    assert (raised.value.limit, raised.value.maximum, raised.value.row) == ("images", 2, 3)


@pytest.mark.parametrize(("begin", "row"), [("", 6), (HEADER, 7), (f"{HEADER}1,SKU,{A}\n", 8)])
def test_blank_rows_are_counted_too(begin: str, row: int) -> None:
    """R20: half a gigabyte of line ends would keep a thread for minutes, and each would be marked."""
    few, limits = f"{HEADER}1,SKU,{A}\n", CsvLimits(rows=2, blank_rows=5)
    assert read(begin + ",,\n" * 5 + ("" if begin else few) + few.removeprefix(HEADER), limits).products
    with pytest.raises(CsvTooLarge) as raised:
        read(begin + "\n" * 6 + few, limits)
    assert (raised.value.limit, raised.value.row) == ("blank rows", row)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        (HEADER + f"1,a,{A}\n" * 3, "rows"),
        (HEADER + "1,a," + ",".join([A] * 5) + "\n", "URLs in a row"),
        (",".join("abcdefghijk") + "\n", "columns"),
        (HEADER + '1,"' + ("x" * 99 + "\n") * 6 + f'",{A}\n', "cell length"),
        (HEADER + '1,"' + '","'.join([("x" * 99 + "\n") * 2] * 6) + f'",{A}\n', "row length"),
        (HEADER + '1,"' + "\n" * 40, "lines in a row"),
        (HEADER + "x" * 1000, "line length"),
        ("x" * 1000, "line length"),
    ],
)
def test_every_limit_is_named(text: str, limit: str) -> None:
    """R20"""
    with pytest.raises(CsvTooLarge) as raised:
        read(
            text,
            CsvLimits(
                rows=2, columns=10, urls_per_row=4, cell_characters=500, row_characters=900, row_lines=30
            ),
        )
    assert raised.value.limit == limit


def test_rows_may_together_be_longer_than_one_may_be() -> None:
    rows = [f"{number},SKU,{A}\n" for number in range(100)]
    limits = CsvLimits(row_characters=max(map(len, (HEADER, *rows))))
    assert read(HEADER + "".join(rows), limits).products == len(rows)


def io_calls() -> int:
    """Reads and writes of this thread so far."""
    lines = Path("/proc/thread-self/io").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("syscr", "syscw")))


def test_a_large_file_is_read_and_written_in_large_pieces() -> None:
    """R05: each call lets go of the interpreter; done every millisecond, the event loop gets no turn."""
    with open_spool() as file:
        file.write(
            HEADER.encode() + b"".join(b"%d,Chair,https://a.example/%d\n" % (n, n) for n in range(90_000))
        )
        size = file.tell()
        before = io_calls()
        judged = read_csv(file, CsvLimits())
        calls = io_calls() - before
    judged.rows.close()
    assert size > 2 * SPOOL_BYTES
    assert calls < size / 32_768
