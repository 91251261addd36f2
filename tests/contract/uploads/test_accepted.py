"""An upload that is accepted, under each of the three families of paths, as literal JSON."""

import csv

import pytest

from shared.contract.events import TARGET_HEADER
from tests.contract.uploads.accepted_answer import COUNTS, SNAKE
from tests.worlds.services.ingest_world import CSV, REQUEST_ID, Ingest

CAMEL = {
    "requestId": REQUEST_ID,
    "status": "pending",
    "message": "Accepted 2 products, 3 images.",
    "counts": COUNTS,
    "statusUrl": f"https://pixmill.test/api/status/{REQUEST_ID}",
}


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


async def test_the_template_is_itself_a_valid_upload(ingest: Ingest) -> None:
    template = await ingest.http.get("/v1/template.csv")
    assert template.headers["content-type"].startswith("text/csv")
    assert (await ingest.post(csv=template.content)).status_code == 202


async def test_the_template_can_be_asked_for_without_its_body(ingest: Ingest) -> None:
    answer = await ingest.http.head("/v1/template.csv")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")


async def test_the_signing_secret_is_given_to_its_owner(ingest: Ingest) -> None:
    secret = (await ingest.http.get("/v1/webhooks/secret")).json()["secret"]
    assert secret.startswith("whsec_")


async def test_a_length_is_believed_however_many_zeros_it_begins_with(ingest: Ingest) -> None:
    """Python reads no number of so many digits."""
    whole = ingest.http.build_request("POST", "/v1/validate", files={"file": ("p.csv", CSV)})
    whole.headers["Content-Length"] = whole.headers["Content-Length"].zfill(4_301)
    assert (await ingest.http.send(whole)).status_code == 200
