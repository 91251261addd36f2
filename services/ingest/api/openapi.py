"""The OpenAPI document of ingest. Its examples are made by the code that answers, so they cannot be wrong."""

import io
from datetime import UTC, datetime
from uuid import UUID

from fastapi.responses import JSONResponse
from pydantic_core import from_json

from services.ingest.acceptance.accepted_upload import AcceptedUpload
from services.ingest.acceptance.acceptor import outcome_unknown
from services.ingest.acceptance.ledger import misused
from services.ingest.admission.places import busy, too_many_uploads
from services.ingest.admission.queue import queue_full
from services.ingest.api import answers, csv_refusals
from services.ingest.api.form_schema import request_body
from services.ingest.api.idempotency_key import KEY_PATTERN, MAX_KEY_CHARACTERS, invalid_key
from services.ingest.api.template import TEMPLATE
from services.ingest.csv_file.marked import mark_rows
from services.ingest.csv_file.reader import JudgedCsv, read_csv
from services.ingest.csv_file.verdicts import CsvLimits, CsvTooLarge, UnreadableCsv
from services.ingest.form import refusals
from shared.contract.events import CsvAccepted
from shared.contract.keys import rows_key, source_key
from shared.web.api_keys import Scope
from shared.web.openapi import (
    COUNT,
    EXAMPLE_ID,
    FLAG,
    TEXT,
    URL,
    UUID_TEXT,
    Json,
    answer,
    document,
    keyed,
    listed,
    members,
    one_of,
    or_null,
    parameter,
    ref,
    refused,
)
from shared.web.problems import Problem, internal

_PUBLIC_URL = "https://pixmill.example"
_WRONG = TEMPLATE.replace("2,SKU2,https", "two,,htp").encode()

_DESCRIPTION = """\
Upload a CSV of products and their image URLs: every image is fetched and compressed. The status service tells
how far it is.

A file as spreadsheets write it is taken: other spellings of the columns, other delimiters and encodings,
several URLs in a cell. With `Accept: text/csv` invalid rows come back as your own file with the columns Error
and Suggestion. Send an `X-Request-Id` to find a call in the logs."""


def api_document(*, asks_for_keys: bool) -> Json:
    camel = request_body("csvFile", "webhookUrl")
    paths = {
        "/v1/requests": _upload("uploadV1", 202, answers.created, ref("Accepted")),
        "/upload": _upload("uploadSnake", 200, answers.uploaded, ref("Accepted")),
        "/api/upload": _upload("uploadCamel", 202, answers.api_uploaded, ref("AcceptedCamel"), camel),
        "/v1/validate": {"post": _validate()},
        "/v1/template.csv": {"get": _template()},
        "/v1/webhooks/secret": {"get": _secret()},
    }
    return document("Pixmill ingest", _DESCRIPTION, paths, _SCHEMAS, asks_for_keys=asks_for_keys)


def _upload(name: str, status: int, render: answers.Render, schema: Json, body: Json | None = None) -> Json:
    rendered = render(_entry(), _PUBLIC_URL)
    headers = {
        each: {"schema": TEXT, "example": rendered.headers[each]}
        for each in ("Location", "Retry-After")
        if each in rendered.headers
    }
    taken = answer("The request is accepted and will run.", schema, _json(rendered), headers=headers)
    return {
        "post": {
            "operationId": name,
            "summary": "Upload a CSV",
            "parameters": [_IDEMPOTENCY_KEY],
            "requestBody": body or request_body(),
            "responses": {
                str(status): taken,
                **_as_csv_too(refused(*_form_refusals(), invalid_key(), *_ledger_refusals(), *_aways())),
            },
        }
    }


def _validate() -> Json:
    judged = answer(
        "The file is accepted by an upload.", ref("Judged"), _json(answers.judged(_reading(TEMPLATE)))
    )
    return {
        "operationId": "validate",
        "summary": "Judge a CSV without accepting it",
        "requestBody": request_body(),
        "responses": {
            "200": judged,
            **_as_csv_too(refused(*_form_refusals(), busy(), refusals.disk_full())),
        },
    }


def _template() -> Json:
    template = answer("The file.", TEXT, TEMPLATE, "text/csv")
    return {
        "operationId": "template",
        "summary": "An example file",
        "security": [],
        "responses": {"200": template, **refused(internal())},
    }


def _secret() -> Json:
    secret = answer("The secret.", members(secret=TEXT), {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
    return {
        "operationId": "webhookSecret",
        "summary": "The caller's webhook signing secret",
        "responses": {"200": secret, **refused(*keyed(Scope.MANAGE))},
    }


def _form_refusals() -> tuple[Problem, ...]:
    reading = _reading(_WRONG.decode())
    no_csv = UnreadableCsv(
        "not_csv", "The file is an Excel workbook, not a CSV.", hint="Save it as CSV UTF-8."
    )
    return (
        csv_refusals.invalid_rows(reading),
        csv_refusals.unreadable(no_csv, "p.csv", as_csv=False),
        refusals.invalid_form("quality must be a whole number from 1 to 95.", "quality"),
        *keyed(Scope.UPLOAD),
        too_many_uploads(32),
        refusals.too_slow(),
        csv_refusals.beyond_limit(CsvTooLarge("rows", 1_000_000, "rows", 1_000_002)),
        refusals.not_a_form(),
    )


def _ledger_refusals() -> tuple[Problem, ...]:
    return (misused("This Idempotency-Key was used with another file or other form values."),)


def _aways() -> tuple[Problem, ...]:
    return (outcome_unknown("broker"), queue_full(), busy(), refusals.disk_full())


def _as_csv_too(responses: dict[str, Json]) -> dict[str, Json]:
    with mark_rows(io.BytesIO(_WRONG), CsvLimits()) as marked:
        example = marked.read().decode()
    responses["400"]["content"]["text/csv"] = {"schema": TEXT, "example": example}
    return responses


def _reading(text: str) -> JudgedCsv:
    reading = read_csv(io.BytesIO(text.encode()), CsvLimits())
    reading.rows.close()
    return reading


def _entry() -> AcceptedUpload:
    request_id, created_at = UUID(EXAMPLE_ID), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    event = CsvAccepted(
        request_id=request_id,
        tenant="shop",
        created_at=created_at,
        filename="p.csv",
        source_key=source_key(request_id),
        source_bytes=len(TEMPLATE),
        source_sha256="0" * 64,
        rows_key=rows_key(request_id),
        columns=("S. No.", "Product Name", "Input Image Urls"),
        products=2,
        images=3,
    )
    return AcceptedUpload(fingerprint="", created_at=created_at, event=event, event_bytes=event.value())


def _json(rendered: JSONResponse) -> object:
    return from_json(bytes(rendered.body))


_IDEMPOTENCY_KEY = parameter(
    "Idempotency-Key",
    "header",
    {"type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARACTERS, "pattern": KEY_PATTERN},
    "Makes repeats of the same upload one request, for 7 days.",
)
_COUNTS = members(products=COUNT, images=COUNT, skipped_rows=COUNT)
_ERROR = members(row=or_null(COUNT), column=or_null(TEXT), value=or_null(TEXT), code=TEXT, hint=TEXT)
_SCHEMAS = {
    "Accepted": members(
        request_id=UUID_TEXT,
        status=one_of(["processing"]),
        message=TEXT,
        state=one_of(["pending"]),
        counts=_COUNTS,
        warnings=listed(members(code=TEXT, message=TEXT)),
        status_url=URL,
        events_url=URL,
    ),
    "AcceptedCamel": members(
        requestId=UUID_TEXT, status=one_of(["pending"]), message=TEXT, counts=_COUNTS, statusUrl=URL
    ),
    "Judged": members(
        valid=FLAG,
        counts=_COUNTS,
        dialect=members(delimiter=TEXT, encoding=TEXT, columns=listed(TEXT)),
        warnings=listed(members(code=TEXT, message=TEXT)),
        errors=listed(_ERROR),
        errors_total=COUNT,
    ),
}
