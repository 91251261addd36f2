"""An upload that is refused for what it is: each refusal names what is wrong with it."""

from collections.abc import Mapping
from ipaddress import ip_network

import pytest

from tests.contract.uploads.conftest import UPLOAD_PATHS
from tests.worlds.services.ingest_world import CSV, Ingest, open_ingest


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


async def test_a_compressed_form_is_refused_for_what_it_is(ingest: Ingest) -> None:
    """R15"""
    answer = await ingest.post(headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")
    assert answer.json()["error"] == "Send the form as it is: a compressed body is not taken."


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
