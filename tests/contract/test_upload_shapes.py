"""The uploads of all three families of paths, as literal JSON."""

import csv
import json
from collections.abc import AsyncIterator, Mapping
from ipaddress import ip_network
from typing import Any

import pytest

from shared.consuming.broker import TooLarge
from shared.contract.events import TARGET_HEADER
from shared.contract.full_tenants import FullTenants
from shared.contract.keys import FULL_TENANTS_KEY
from shared.outcomes import Away
from tests.worlds.services.ingest_world import CSV, REQUEST_ID, Ingest, open_ingest

COUNTS = {"products": 2, "images": 3, "skipped_rows": 0}
SNAKE = {
    "request_id": REQUEST_ID,
    "status": "processing",
    "message": "Accepted 2 products, 3 images.",
    "state": "pending",
    "counts": COUNTS,
    "warnings": [],
    "status_url": f"https://pixmill.test/v1/requests/{REQUEST_ID}",
    "events_url": f"https://pixmill.test/v1/requests/{REQUEST_ID}/events",
}
CAMEL = {
    "requestId": REQUEST_ID,
    "status": "pending",
    "message": "Accepted 2 products, 3 images.",
    "counts": COUNTS,
    "statusUrl": f"https://pixmill.test/api/status/{REQUEST_ID}",
}
UPLOAD_PATHS = ("/v1/requests", "/upload", "/upload/", "/api/upload", "/api/upload/")


@pytest.fixture
async def ingest() -> AsyncIterator[Ingest]:
    async with open_ingest() as ingest:
        yield ingest


async def test_an_upload_to_v1_answers_202_with_where_to_look_and_when(ingest: Ingest) -> None:
    """R01, R05"""
    answer = await ingest.post("/v1/requests")
    assert (answer.status_code, answer.json()) == (202, SNAKE)
    assert answer.headers["location"] == SNAKE["status_url"]
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("path", ["/upload", "/upload/"])
async def test_an_upload_to_the_snake_spelling_answers_200(ingest: Ingest, path: str) -> None:
    """R02"""
    answer = await ingest.post(path)
    assert (answer.status_code, answer.json()) == (200, SNAKE)


@pytest.mark.parametrize("path", ["/api/upload", "/api/upload/"])
async def test_an_upload_to_the_camel_spelling_answers_202(ingest: Ingest, path: str) -> None:
    """R02"""
    answer = await ingest.post(path, data={"webhookUrl": "https://shop.example/hook"}, field="csvFile")
    assert (answer.status_code, answer.json()) == (202, CAMEL)


async def test_everything_is_in_the_store_before_the_event_is_published(ingest: Ingest) -> None:
    """R01, R04"""
    fields = {"webhook_url": "https://u:p@shop.example/hook", "quality": "70", "priority": "high"}
    await ingest.post(data=fields)
    (message,) = ingest.producer.published
    event = ingest.accepted()[0]
    prefix = f"requests/{REQUEST_ID}"
    assert ingest.store.objects[f"{prefix}/source.csv"] == CSV
    assert ingest.store.objects[f"{prefix}/request.json"] == message.value
    assert ingest.store.objects[f"{prefix}/rows.ndjson"] == (
        b'{"row":2,"serial_number":"1","name":"SKU1",'
        b'"cells":["1","SKU1","https://a.example/1.jpg, https://a.example/2.jpg"],'
        b'"images":[{"ordinal":0,"url":"https://a.example/1.jpg"},{"ordinal":1,"url":"https://a.example/2.jpg"}]}\n'
        b'{"row":3,"serial_number":"2","name":"SKU2","cells":["2","SKU2","https://a.example/1.jpg"],'
        b'"images":[{"ordinal":2,"url":"https://a.example/1.jpg","same_as":0}]}\n'
    )
    assert (event.quality, event.priority, event.filename) == (70, "high", "p.csv")
    assert event.columns == ("S. No.", "Product Name", "Input Image Urls")
    assert (event.products, event.images, event.source_bytes) == (2, 3, len(CSV))
    assert event.webhook_url == "https://shop.example/hook"
    assert b"u:p" not in message.value
    assert ingest.keyring.open(message.headers[TARGET_HEADER]) == fields["webhook_url"]


async def test_invalid_rows_are_all_named_with_row_column_value_code_and_hint(ingest: Ingest) -> None:
    """R03, R15"""
    csv = b"S. No.,Product Name,Input Image Urls\n1,SKU1,https://a.example/1.jpg\n2,SKU2,htp://x\nx,,\n"
    answer = await ingest.post("/upload", csv)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    body = answer.json()
    assert body | {"errors": None} == {
        "type": "/problems/invalid-csv",
        "title": "Invalid CSV",
        "status": 400,
        "detail": "2 rows are invalid.",
        "error": "Row 3: 'htp://x' is not an http or https URL (and 3 more).",
        "errors": None,
        "errors_total": 4,
        "x_request_id": answer.headers["x-request-id"],
    }
    assert [(error["row"], error["column"], error["value"], error["code"]) for error in body["errors"]] == [
        (3, "Input Image Urls", "htp://x", "invalid_url"),
        (4, "S. No.", "x", "invalid_serial_number"),
        (4, "Product Name", "", "missing_product_name"),
        (4, "Input Image Urls", "", "missing_url"),
    ]
    assert all(error["hint"] for error in body["errors"])
    assert (ingest.store.objects, ingest.producer.published) == ({}, [])


@pytest.mark.parametrize(
    ("csv", "code"),
    [
        (b"", "empty_file"),
        (b"\n\n", "empty_file"),
        (b"\x89PNG\r\n\x1a\n\x00\x01", "not_csv"),
        (b"PK\x03\x04....", "not_csv"),
        (b"S. No.,Product Name\n1,SKU1\n", "missing_column"),
        (b"S. No.,Product Name,Input Image Urls\n", "no_rows"),
        (b'S. No.,Product Name,Input Image Urls\n1,"SKU1,https://a.example/1.jpg\n', "unclosed_quote"),
        (bytes(range(256)), "unknown_encoding"),
    ],
)
async def test_a_file_that_is_no_csv_of_products_is_refused(ingest: Ingest, csv: bytes, code: str) -> None:
    """R03, R15"""
    answer = await ingest.post("/upload", csv)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("csv", "columns"),
    [
        (b"Lfd,Was, Wo ,\n1,Vase,https://a.example/1\n", ["Lfd", "Was", "Wo"]),
        (b"Was," + b"x" * 300 + b"\n1,2\n", ["Was"]),
        (b"1,Vase,https://a.example/1.jpg?x=1\n", None),
        (b"S. No.,Product Name,Input Image Urls\n", None),
    ],
    ids=["named otherwise", "a name that is none", "a product at once", "all there"],
)
async def test_a_file_whose_columns_are_not_known_names_those_that_may_be_said_to_be_them(
    ingest: Ingest, csv: bytes, columns: list[str] | None
) -> None:
    """R03"""
    answer = await ingest.post("/v1/validate", csv)
    assert answer.status_code == 400
    assert answer.json().get("columns") == columns


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"webhook_url": "not a url"}, "webhook_url"),
        ({"webhookUrl": "ftp://shop.example/"}, "webhookUrl"),
        ({"webhook_url": "https://127.0.0.1/hook"}, "webhook_url"),
        ({"webhook_url": "https://[::ffff:10.0.0.1]/hook"}, "webhook_url"),
        ({"webhook_url": "http://shop.example/hook"}, "webhook_url"),
        ({"quality": "0"}, "quality"),
        ({"quality": "96"}, "quality"),
        ({"quality": "5e1"}, "quality"),
        ({"format": "gif"}, "format"),
        ({"priority": "urgent"}, "priority"),
        ({"on_invalid": "ignore"}, "on_invalid"),
        ({"encoding": "rot13"}, "encoding"),
    ],
)
async def test_a_wrong_field_is_a_400_that_names_it(
    ingest: Ingest, fields: Mapping[str, str], name: str
) -> None:
    """R03, R15, R20"""
    answer = await ingest.post(data=fields)
    assert (answer.status_code, answer.json()["field"]) == (400, name)
    assert ingest.producer.published == []


async def test_an_empty_field_is_as_good_as_none(ingest: Ingest) -> None:
    answer = await ingest.post(data={"quality": "", "webhook_url": ""})
    assert (answer.status_code, answer.json()["warnings"]) == (202, [])
    assert ingest.accepted()[0].quality == 50


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("qualty", " Did you mean 'quality'?"),
        ("Quality", " Did you mean 'quality'?"),
        ("on-invalid", " Did you mean 'on_invalid'?"),
        ("webhook", " Did you mean 'webhook_url'?"),
        ("webhookURL", " Did you mean 'webhook_url'?"),
        ("csvfile2", " Did you mean 'csvFile'?"),
        ("colour", ""),
        ("q\x1b" + "x" * 500, ""),
    ],
)
@pytest.mark.parametrize("path", ["/v1/requests", "/upload", "/v1/validate"])
async def test_an_unknown_field_is_ignored_with_a_warning_that_names_the_nearest(
    ingest: Ingest, path: str, name: str, meant: str
) -> None:
    """R03"""
    answer = await ingest.post(path, data={name: "60"})
    (warning,) = answer.json()["warnings"]
    assert warning["code"] == "unknown_field"
    assert warning["message"].startswith(f"The form's field '{name[:1]}")
    assert warning["message"].endswith(f"' is unknown and was ignored.{meant}")
    assert len(warning["message"]) < 200
    assert warning["message"].isprintable()


@pytest.mark.parametrize("path", UPLOAD_PATHS)
async def test_a_form_without_a_file_is_a_400(ingest: Ingest, path: str) -> None:
    """R15"""
    answer = await ingest.http.post(path, files={"other": ("p.csv", CSV)})
    assert (answer.status_code, answer.json()["field"]) == (400, "file")
    assert answer.json()["error"] == (
        "The form holds no file: send the CSV in a field named 'file'. It holds 'other'."
    )


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("text/csv", CSV, 415),
        ("application/json", b"{}", 415),
        ("", CSV, 415),
        ("multipart/form-data", CSV, 400),
        ("multipart/form-data; boundary=x", CSV, 400),
        ("multipart/form-data; boundary=x", b"", 400),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\nS. No.',
            400,
        ),
    ],
)
async def test_a_body_that_is_no_whole_form_is_refused(
    ingest: Ingest, content_type: str, body: bytes, status: int
) -> None:
    """R15"""
    answer = await ingest.http.post("/upload", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize("keys", [[""], ["k" * 256], ["k\x7f"], ["one", "two"]])
async def test_an_idempotency_key_that_cannot_be_meant_is_a_400(ingest: Ingest, keys: list[str]) -> None:
    """R15, R20"""
    headers = [("Idempotency-Key", key) for key in keys]
    answer = await ingest.http.post("/v1/requests", files={"file": ("p.csv", CSV)}, headers=headers)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "invalid-idempotency-key")
    assert not ingest.accepted()


@pytest.mark.parametrize("part", ["store", "producer"])
@pytest.mark.parametrize("path", UPLOAD_PATHS)
async def test_a_dependency_that_is_away_is_a_503_without_an_id(ingest: Ingest, path: str, part: str) -> None:
    getattr(ingest, part).away = True
    answer = await ingest.post(path)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert REQUEST_ID not in answer.text
    assert "Idempotency-Key" in answer.json()["error"]


@pytest.mark.parametrize(
    ("csv", "limit"),
    [
        (b"S. No.,Product Name,Input Image Urls\n" + b"1,a,https://a.example/1\n" * 101, "rows"),
        (b"x" * 100_001, "file size"),
        (b"x" * 2_000_000, "file size"),
    ],
)
async def test_what_exceeds_a_limit_is_a_413_that_names_it(ingest: Ingest, csv: bytes, limit: str) -> None:
    """R20"""
    answer = await ingest.post(csv=csv)
    assert (answer.status_code, answer.json()["limit"]) == (413, limit)


async def test_the_same_key_gives_the_same_answer_and_publishes_the_same_event_again(ingest: Ingest) -> None:
    key = {"Idempotency-Key": "one"}
    first = await ingest.post(headers=key, data={"webhook_url": "https://shop.example/hook"})
    second = await ingest.post(headers=key, data={"webhookUrl": "https://shop.example/hook"}, field="csvFile")
    assert first.json() == second.json() == SNAKE
    one, two = ingest.producer.published
    assert (one.value, one.headers, one.event.event_id()) == (two.value, two.headers, two.event.event_id())


@pytest.mark.parametrize(
    "change", [{"csv": CSV + b"3,SKU3,https://a.example/3\n"}, {"data": {"quality": "51"}}]
)
async def test_the_same_key_for_anything_else_is_a_422(ingest: Ingest, change: Mapping[str, Any]) -> None:
    key = {"Idempotency-Key": "one"}
    await ingest.post(headers=key)
    answer = await ingest.post(headers=key, **change)
    assert answer.status_code == 422
    assert len(ingest.producer.published) == 1


async def test_a_repeat_after_a_503_of_the_broker_gets_one_id_and_its_event(ingest: Ingest) -> None:
    key = {"Idempotency-Key": "one"}
    ingest.producer.away = True
    assert (await ingest.post(headers=key)).status_code == 503
    ingest.producer.away = False
    assert (await ingest.post(headers=key)).json() == SNAKE
    assert [str(event.request_id) for event in ingest.accepted()] == [REQUEST_ID]


@pytest.mark.parametrize("calls", [[{}], [{"Idempotency-Key": "one"}] * 2], ids=["plain", "repeated"])
async def test_a_broker_that_is_away_is_tried_once_a_call(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch, calls: list[dict[str, str]]
) -> None:
    """Each try takes its eight seconds of a frozen one, and somebody waits for them."""
    tried: list[object] = []

    async def publish(messages: object) -> None:
        tried.append(messages)
        raise Away("broker", "no acknowledgement")

    monkeypatch.setattr(ingest.producer, "publish", publish)
    answers = [await ingest.post(headers=headers) for headers in calls]
    assert {answer.status_code for answer in answers} == {503}
    assert len(tried) == len(calls)


async def test_what_the_broker_will_never_take_is_a_413_and_no_503_to_be_repeated(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def publish(_: object) -> None:
        raise TooLarge("4.4 MB")

    monkeypatch.setattr(ingest.producer, "publish", publish)
    answer = await ingest.post()
    assert answer.status_code == 413
    assert answer.json()["limit"] == "header and options"


async def test_skipping_accepts_the_good_rows_and_says_how_many_it_skipped(ingest: Ingest) -> None:
    answer = await ingest.post(csv=CSV + b"x,,\n", data={"on_invalid": "skip"})
    assert answer.json()["counts"] == {"products": 2, "images": 3, "skipped_rows": 1}
    assert ingest.accepted()[0].skipped_rows == 1


@pytest.mark.parametrize("total", [b"", b"Total,,\n"])
async def test_skipping_does_not_accept_a_file_without_a_good_row(ingest: Ingest, total: bytes) -> None:
    csv = b"S. No.,Product Name,Input Image Urls\nx,,\n" + total
    assert (await ingest.post(csv=csv, data={"on_invalid": "skip"})).status_code == 400


async def test_validate_says_what_an_upload_would_find_and_accepts_nothing(ingest: Ingest) -> None:
    answer = await ingest.post("/v1/validate", CSV.replace(b"S. No.,", b"S. No.,"))
    assert answer.json() == {
        "valid": True,
        "counts": COUNTS,
        "dialect": {
            "delimiter": ",",
            "encoding": "utf-8",
            "encoding_found": {
                "by": "ascii",
                "language": None,
                "sure": True,
                "otherwise": None,
                "samples": [],
            },
            "columns": ["S. No.", "Product Name", "Input Image Urls"],
            "sheet": None,
        },
        "mapping": {
            "serial_number": "S. No.",
            "product_name": "Product Name",
            "image_urls": ["Input Image Urls"],
        },
        "first_rows": [
            {"row": number, "cells": cells}
            for number, cells in enumerate(csv.reader(CSV.decode().splitlines()[1:]), start=2)
        ],
        "warnings": [],
        "errors": [],
        "errors_total": 0,
    }
    assert (ingest.store.objects, ingest.producer.published) == ({}, [])


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


async def test_the_template_is_itself_a_valid_upload(ingest: Ingest) -> None:
    template = await ingest.http.get("/v1/template.csv")
    assert template.headers["content-type"].startswith("text/csv")
    assert (await ingest.post(csv=template.content)).status_code == 202


async def test_a_compressed_form_is_refused_for_what_it_is(ingest: Ingest) -> None:
    """R15"""
    answer = await ingest.post(headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")
    assert answer.json()["error"] == "Send the form as it is: a compressed body is not taken."


async def test_the_template_can_be_asked_for_without_its_body(ingest: Ingest) -> None:
    answer = await ingest.http.head("/v1/template.csv")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")


async def test_the_signing_secret_is_given_to_its_owner(ingest: Ingest) -> None:
    secret = (await ingest.http.get("/v1/webhooks/secret")).json()["secret"]
    assert secret.startswith("whsec_")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/upload", 405),
        ("GET", "/v1/requests", 405),
        ("POST", "/v1/requests/", 404),
        ("GET", "/", 404),
    ],
)
async def test_wrong_paths_and_methods_are_problems_and_never_redirects(
    ingest: Ingest, method: str, path: str, status: int
) -> None:
    answer = await ingest.http.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["error"]


async def test_a_call_for_the_other_service_hears_whose_it_is(ingest: Ingest) -> None:
    answer = (await ingest.http.get("/v1/requests")).json()
    assert (answer["status"], answer["error"]) == (405, answer["detail"])
    assert "status service" in answer["error"]


async def test_a_webhook_that_may_never_be_called_is_said_at_once() -> None:
    """R20"""
    async with open_ingest(allow=(ip_network("127.0.0.0/8"),)) as ingest:
        for path in ("/v1/requests", "/v1/validate"):
            answer = await ingest.post(path, data={"webhook_url": "http://shop.example/hook"})
            assert [warning["code"] for warning in answer.json()["warnings"]] == ["webhook_not_encrypted"]


async def test_too_many_waiting_requests_are_a_503_that_says_when_to_come_again(ingest: Ingest) -> None:
    """R18, R21"""
    ingest.lag.waiting = 100
    await ingest.queue.look()
    answer = await ingest.post()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/queue-full",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "Too many accepted requests wait to be started; nothing was accepted. Try again later.",
        "error": "Too many accepted requests wait to be started; nothing was accepted. Try again later.",
        "x_request_id": answer.headers["x-request-id"],
    }
    assert (ingest.store.objects, ingest.producer.published) == ({}, [])
    assert (await ingest.post("/v1/validate")).status_code == 200
    ingest.lag.waiting = 99
    await ingest.queue.look()
    assert (await ingest.post()).status_code == 202


async def test_a_tenant_that_has_its_share_of_the_backlog_is_told_when_to_come_again(ingest: Ingest) -> None:
    """R29: and nobody else is refused."""
    ingest.store.objects[FULL_TENANTS_KEY] = FullTenants(tenants=("local",)).to_json()
    await ingest.shares.look()
    answer = await ingest.post()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    error = (
        "As many images of yours are open as one may have; nothing was accepted."
        " Try again when some of them are done."
    )
    assert answer.json() == {
        "type": "/problems/too-many-images",
        "title": "Too Many Requests",
        "status": 429,
        "detail": error,
        "error": error,
        "x_request_id": answer.headers["x-request-id"],
    }
    assert ingest.producer.published == []
    assert (await ingest.post("/v1/validate")).status_code == 200
    ingest.store.objects[FULL_TENANTS_KEY] = FullTenants(tenants=("another",)).to_json()
    await ingest.shares.look()
    assert (await ingest.post()).status_code == 202


async def test_a_length_is_believed_however_many_zeros_it_begins_with(ingest: Ingest) -> None:
    """Python reads no number of so many digits."""
    whole = ingest.http.build_request("POST", "/v1/validate", files={"file": ("p.csv", CSV)})
    whole.headers["Content-Length"] = whole.headers["Content-Length"].zfill(4_301)
    assert (await ingest.http.send(whole)).status_code == 200
