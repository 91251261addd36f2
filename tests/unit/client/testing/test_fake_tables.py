"""The fake server says of plain CSVs what the real one says: each is put to both."""

import csv
import io
import json

import pytest
from pixmill import Client, InvalidRequestError, RefusedError, Upload
from pixmill.testing import FakePixmill

from services.ingest.api.answers import judged as told_by_the_real_one
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import read_csv
from services.ingest.csv_file.verdicts import UnreadableCsv
from services.ingest.form.columns import read_column_choice

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


OTHER = "Nr,What,Front,Back,images\n"
SAID = {"serial_number": "nr", "product_name": "What", "image_urls": ["Back", "Front"]}
NAMED = [
    (f"{OTHER}1,Tea,{A}?1,{A}?2,{A}?3\n2,Pot,,{A},\n", SAID),
    (f"{HEADER}1,Tea,{A}\n", {"productName": None, "imageUrls": [], "serialNumber": ""}),
    (f"{HEADER[:-1]},Front\n1,Tea,{A}?1,{A}?2\n", {"imageUrls": "Front"}),
]
NOT_NAMED = [
    (f"{OTHER}1,Tea,{A},,\n", {**SAID, "image_urls": ["Front", "Side", "Top"]}),
    (f"{OTHER}1,,{A},x,\n", SAID),
]
SKIPPED = [
    f"{HEADER}1,Tea,{A}\n",
    f"{HEADER}1,Tea,{A}\nx,,y\n,Pot,{A}\n3,Cup,{A}\n",
    f"{HEADER}1,Tea,htp://x\n2,Pot,{A}\n",
]


def of_the_real_one(text: str, said: object = None) -> tuple[list[Error], int, int]:
    try:
        choice = read_column_choice(json.dumps(said) if said else "")
        judged = read_csv(io.BytesIO(text.encode()), CsvLimits(), choice=choice)
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


@pytest.mark.parametrize(("text", "said"), NAMED)
def test_columns_that_are_said_are_taken(
    client: Client, server: FakePixmill, text: str, said: dict[str, object]
) -> None:
    real = read_csv(io.BytesIO(text.encode()), CsvLimits(), choice=read_column_choice(json.dumps(said)))
    with real.rows as rows:
        urls = [each["url"] for line in rows for each in json.loads(line)["images"]]
    judged = client.validate(text.encode(), Upload(columns=said))
    assert judged.mapping == json.loads(bytes(told_by_the_real_one(real).body))["mapping"]
    accepted = client.upload(text.encode(), Upload(columns=said))
    assert [each.input_url for each in client.images(accepted.id)] == urls


@pytest.mark.parametrize(("text", "said"), NOT_NAMED)
def test_columns_that_are_said_and_wrong_are_told(client: Client, text: str, said: dict[str, object]) -> None:
    errors, *_ = of_the_real_one(text, said)
    for judge in (client.validate, client.upload):
        with pytest.raises(InvalidRequestError) as raised:
            judge(text.encode(), Upload(columns=said))
        assert told(raised.value) == errors


@pytest.mark.parametrize("text", SKIPPED)
def test_rows_that_may_be_skipped_are_counted_and_left_out(client: Client, text: str) -> None:
    real = read_csv(io.BytesIO(text.encode()), CsvLimits())
    with real.rows as rows:
        taken = [json.loads(line)["cells"] for line in rows]
    accepted = client.upload(text.encode(), Upload(skip_invalid=True))
    for each in (client.validate(text.encode(), Upload(skip_invalid=True)), accepted):
        counts = (each.counts.products, each.counts.images, each.counts.skipped_rows)
        assert counts == (real.products, real.images, real.bad_rows)
        assert [one.code for one in each.warnings] == [one.code for one in real.warnings_if_skipped()]
    assert accepted.message.endswith(f" Skipped {real.bad_rows} rows.") == (real.bad_rows > 1)
    output = csv.reader(io.StringIO(client.output_csv(accepted.id).decode()))
    assert [row[:-1] for row in output] == [list(real.header.columns), *taken]


def test_a_file_of_bad_rows_alone_is_refused_though_they_may_be_skipped(client: Client) -> None:
    text = f"{HEADER}x,Tea,{A}\n"
    with pytest.raises(InvalidRequestError) as raised:
        client.upload(text.encode(), Upload(skip_invalid=True))
    assert told(raised.value) == of_the_real_one(text)[0]
