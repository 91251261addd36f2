"""What is said of a file's encoding and columns, and what its sender may say of them."""

import json

import pytest

from tests.worlds.services.ingest_world import CSV, Ingest

POLISH = "S. No.,Product Name,Input Image Urls\n7,Żar,https://a.example/7.jpg\n".encode("cp1250")


async def test_validate_shows_in_which_encoding_and_by_which_cells_and_asks_where_it_is_not_sure(
    ingest: Ingest,
) -> None:
    """R03"""
    told = (await ingest.post("/v1/validate", POLISH)).json()
    found = told["dialect"]["encoding_found"]
    (sample,) = found.pop("samples")
    assert found == {"by": "language", "language": "Polish", "sure": False, "otherwise": found["otherwise"]}
    assert (sample["row"], sample["column"], sample["value"]) == (2, "Product Name", "Żar")
    assert sample["otherwise"] not in (None, "Żar")
    (warning,) = told["warnings"]
    assert warning["code"] == "encoding_unsure"
    assert "'Żar'" in warning["message"]
    assert "'encoding'" in warning["message"]


async def test_the_encoding_that_is_said_is_taken_and_counts_for_the_idempotency_key(ingest: Ingest) -> None:
    """R03"""
    said, key = {"encoding": "KOI8-R"}, {"Idempotency-Key": "k"}
    assert (await ingest.post(csv=POLISH, data=said, headers=key)).status_code == 202
    (rows,) = [data for name, data in ingest.store.objects.items() if name.endswith("rows.ndjson")]
    assert json.loads(rows)["name"] == POLISH.decode("koi8-r").split(",")[3]
    assert (await ingest.post(csv=POLISH, headers=key)).status_code == 422


async def test_an_encoding_that_does_not_fit_is_refused_in_one_sentence_with_the_row(ingest: Ingest) -> None:
    """R03, R15"""
    answer = await ingest.post(csv=CSV + b"9,Caf\xe9,https://a.example/9.jpg\n", data={"encoding": "utf8"})
    assert answer.status_code == 400
    row = CSV.count(b"\n") + 1
    assert answer.json()["error"] == f"Row {row}: 'Caf\ufffd' holds a byte (0xE9) that is not UTF-8."


async def test_a_row_with_a_byte_that_does_not_fit_can_be_skipped_and_is_marked(ingest: Ingest) -> None:
    """R03"""
    csv = CSV + "8,Stühle,https://a.example/8.jpg\n".encode() + b"9,Caf\xe9,https://a.example/9.jpg\n"
    skipped = await ingest.post(csv=csv, data={"on_invalid": "skip"})
    assert (skipped.status_code, skipped.json()["counts"]["skipped_rows"]) == (202, 1)
    marked = await ingest.post(csv=csv, headers={"Accept": "text/csv"})
    assert marked.status_code == 400
    assert "9,Caf\ufffd,https://a.example/9.jpg,'Caf\ufffd' holds a byte (0xE9)" in marked.content.decode()


SHOPIFY = b"Handle,Title,Image Src\nchair,Chair,https://a.example/1.jpg\nchair,,https://a.example/2.jpg\nlamp,Lamp,\n"


async def test_the_mapping_of_an_export_may_be_sent_back_as_it_is(ingest: Ingest) -> None:
    """R30"""
    told = (await ingest.post("/v1/validate", SHOPIFY)).json()
    assert told["mapping"] == {"serial_number": None, "product_name": "Title", "image_urls": ["Image Src"]}
    assert told["counts"] == {"products": 3, "images": 2, "skipped_rows": 0}
    again = await ingest.post("/v1/validate", SHOPIFY, data={"columns": json.dumps(told["mapping"])})
    sure = [warning for warning in told["warnings"] if warning["code"] != "column_assumed"]
    assert again.json() == {**told, "warnings": sure}  # who names a column leaves nothing to assume


async def test_the_columns_that_are_said_are_read_and_count_for_the_idempotency_key(ingest: Ingest) -> None:
    """R30"""
    csv = b"Title,Photo,Other\nChair,https://a.example/1.jpg,https://a.example/2.jpg\n"
    said = {"columns": '{"productName": "Title", "imageUrls": ["Other"]}'}
    key = {"Idempotency-Key": "k"}
    assert (await ingest.post(csv=csv, data=said, headers=key)).status_code == 202
    (rows,) = [data for name, data in ingest.store.objects.items() if name.endswith("rows.ndjson")]
    assert [image["url"] for image in json.loads(rows)["images"]] == ["https://a.example/2.jpg"]
    assert (await ingest.post(csv=csv, headers=key)).status_code == 422


@pytest.mark.parametrize(
    ("columns", "part"),
    [
        ("Title", "is not JSON"),
        ('["Title"]', "is not a JSON object"),
        ('{"title": "Title"}', "has no member 'title'"),
        ('{"product_name": 5}', "gives no name for 'product_name'"),
        ('{"image_urls": {"a": 1}}', "gives no list of names for 'image_urls'"),
        ('{"image_urls": ["a", 5]}', "gives no list of names for 'image_urls'"),
        ("[" * 16_000, "is not JSON"),
    ],
)
async def test_columns_that_are_not_understood_are_refused(ingest: Ingest, columns: str, part: str) -> None:
    """R30"""
    answer = await ingest.post(data={"columns": columns})
    assert (answer.status_code, answer.json()["field"]) == (400, "columns")
    assert part in answer.json()["error"]


async def test_a_column_that_is_said_and_not_there_is_named(ingest: Ingest) -> None:
    """R30"""
    answer = await ingest.post(csv=SHOPIFY, data={"columns": '{"product_name": "Titel"}'})
    assert answer.status_code == 400
    assert answer.json()["error"] == "Row 1: The column 'Titel', which the field 'columns' names, is missing."
