"""What ingest answers: of each answer its schema, and an example made by the code that answers."""

import io
from datetime import UTC, datetime
from uuid import UUID

from fastapi.responses import JSONResponse
from pydantic_core import from_json

from services.ingest.acceptance.accepted_upload import AcceptedUpload
from services.ingest.api import answers
from services.ingest.api.template import TEMPLATE
from services.ingest.csv_file.encodings.found import FoundBy
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import JudgedCsv, read_csv
from shared.contract.events import CsvAccepted
from shared.contract.keys import rows_key, source_key
from shared.web.openapi.answers import EXAMPLE_ID, answer
from shared.web.openapi.schemas import (
    COUNT,
    FLAG,
    TEXT,
    URL,
    UUID_TEXT,
    Json,
    listed,
    members,
    one_of,
    or_null,
    ref,
)

_PUBLIC_URL = "https://pixmill.example"


def accepted(render: answers.Render, schema: str) -> dict[str, Json]:
    rendered = render(_accepted_upload(), _PUBLIC_URL)
    headers = {
        each: {"schema": TEXT, "example": rendered.headers[each]}
        for each in ("Location", "Retry-After")
        if each in rendered.headers
    }
    said = "The request is accepted and will run."
    return {str(rendered.status_code): answer(said, ref(schema), _json(rendered), headers=headers)}


def judged() -> Json:
    example = _json(answers.judged(judged_csv(TEMPLATE)))
    return answer("The file is accepted by an upload.", ref("Judged"), example)


def template() -> Json:
    return answer("The file.", TEXT, TEMPLATE, "text/csv")


def secret() -> Json:
    example = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    return answer("The secret.", members(secret=TEXT), example)


def judged_csv(text: str) -> JudgedCsv:
    csv = read_csv(io.BytesIO(text.encode()), CsvLimits())
    csv.rows.close()
    return csv


def _accepted_upload() -> AcceptedUpload:
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


_COUNTS = members(products=COUNT, images=COUNT, skipped_rows=COUNT)
_ERROR = members(row=or_null(COUNT), column=or_null(TEXT), value=or_null(TEXT), code=TEXT, hint=TEXT)
_ERROR["properties"]["cell"] = TEXT  # of a workbook only
_SAMPLE = members(row=COUNT, column=TEXT, value=TEXT, otherwise=or_null(TEXT))
_ENCODING_FOUND = members(
    by=one_of(list(FoundBy)),
    language=or_null(TEXT),
    sure=FLAG,
    otherwise=or_null(TEXT),
    samples=listed(_SAMPLE),
)
SCHEMAS = {
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
        dialect=members(
            delimiter=TEXT,
            encoding=TEXT,
            encoding_found=_ENCODING_FOUND,
            columns=listed(TEXT),
            sheet=or_null(TEXT),
        ),
        mapping=members(serial_number=or_null(TEXT), product_name=or_null(TEXT), image_urls=listed(TEXT)),
        first_rows=listed(members(row=COUNT, cells=listed(TEXT))),
        warnings=listed(members(code=TEXT, message=TEXT)),
        errors=listed(_ERROR),
        errors_total=COUNT,
    ),
}
