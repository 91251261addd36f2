"""The first rows as they were read: few of them, and long cells cut."""

import io

from services.ingest.csv_file.findings.first_rows import ALL_CHARACTERS, CELL_CHARACTERS, MOST_ROWS
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import JudgedCsv, read_csv

HEADER = "S. No.,Product Name,Input Image Urls\n"


def read(*rows: str, header: str = HEADER) -> JudgedCsv:
    judged = read_csv(io.BytesIO((header + "".join(f"{row}\n" for row in rows)).encode()), CsvLimits())
    judged.rows.close()
    return judged


def test_good_and_bad_rows_are_shown_as_they_were_read_and_blank_ones_are_not() -> None:
    judged = read(
        "1,Vase,https://a.example/1.jpg", ",,", 'two,"Mug, blue",htp:', header="Spring\n\n" + HEADER
    )
    assert [(row.row, row.cells) for row in judged.first_rows] == [
        (4, ("1", "Vase", "https://a.example/1.jpg")),
        (6, ("two", "Mug, blue", "htp:")),
    ]


def test_there_are_few_of_them_and_all_rows_are_read_all_the_same() -> None:
    judged = read(*(f"{number},Vase,https://a.example/{number}.jpg" for number in range(1, 30)))
    assert len(judged.first_rows) == MOST_ROWS
    assert (judged.products, judged.images) == (29, 29)


def test_however_long_its_cells_are_what_is_shown_is_not() -> None:
    wide = ",".join(["x" * 30_000] * 30)
    header = HEADER.replace("\n", "".join(f",More {number}" for number in range(30)) + "\n")
    judged = read(*(f"{number},Vase,https://a.example/1.jpg,{wide}" for number in range(1, 5)), header=header)
    shown = [cell for row in judged.first_rows for cell in row.cells]
    assert max(map(len, shown)) == CELL_CHARACTERS
    assert sum(map(len, shown)) == ALL_CHARACTERS
    assert judged.products == 4
