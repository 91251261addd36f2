"""The fake server says of plain CSVs what the real one says: each is put to both."""

import io

import pytest
from pixmill import Client, InvalidRequestError, RefusedError
from pixmill.testing import FakePixmill

from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import read_csv
from services.ingest.csv_file.verdicts import UnreadableCsv

HEADER = "S. No.,Product Name,Input Image Urls\n"
A = "https://a.example/1.jpg"
Error = tuple[int | None, str | None, str | None, str]

TAKEN = [
    f"{HEADER}1,Tea,{A}\n",
    f'{HEADER}\n,,\n1, Tea ,"{A}, {A};{A}"\n\n1,Tea,{A}\n',
    f'id,name,images\n007,Tea,"[""{A}"", ""{A}""]"\n',
]
REFUSED = [
    "",
    " \n",
    HEADER,
    f"{HEADER}\n,,\n",
    "a,b\n1,2\n",
    "S. No.,Product Name\n1,Tea\n",
    f"{HEADER},Tea,{A}\n",
    f"{HEADER}1,,{A}\n",
    f"{HEADER}1,Tea,\n",
    f"{HEADER}1,Tea\n",
    f"{HEADER}1\n",
    f"{HEADER}x1,Tea,{A}\n1.0,Tea,{A}\n-1,Tea,{A}\n{'1' * 16},Tea,{A}\n",
    f'{HEADER}\n1,"Tea\nPot",htp://x\n,,\n2,Tea,"{A},ftp://a.example/1"\n',
    f"{HEADER}1,Tea,https://\n2,Tea,a.example/1.jpg\n",
    f'{HEADER}1,Tea,"[""{A}"", ""x""]"\n2,Tea,[x\n',
]


def of_the_real_one(text: str) -> tuple[list[Error], int, int]:
    try:
        judged = read_csv(io.BytesIO(text.encode()), CsvLimits())
    except UnreadableCsv as verdict:
        return [(each.row, each.column, each.value, each.code) for each in verdict.errors], 0, 0
    judged.rows.close()
    errors = [(each.row, each.column, each.value, str(each.code)) for each in judged.errors]
    return errors, judged.products, judged.images


@pytest.mark.parametrize("text", TAKEN)
def test_a_table_that_is_taken(client: Client, text: str) -> None:
    errors, products, images = of_the_real_one(text)
    for counts in (client.validate(text.encode()).counts, client.upload(text.encode()).counts):
        assert ([], counts.products, counts.images) == (errors, products, images)


@pytest.mark.parametrize("text", REFUSED)
def test_a_table_that_is_refused(client: Client, server: FakePixmill, text: str) -> None:
    errors, *_ = of_the_real_one(text)
    for judge in (client.validate, client.upload):
        with pytest.raises(InvalidRequestError) as raised:
            judge(text.encode())
        assert told(raised.value) == errors
        assert str(raised.value)
    has_rows = all(row is not None and code != "missing_column" for row, _, _, code in errors)
    assert (client.marked(text.encode()) is not None) == has_rows
    assert server.world.requests == {}


def told(error: RefusedError) -> list[Error]:
    return [(each.row, each.column, each.value, each.code) for each in error.errors]
