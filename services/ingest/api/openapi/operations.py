"""What the routes that take a form say of themselves: the form, and every way they may refuse it."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from services.ingest.acceptance.acceptor import outcome_unknown
from services.ingest.acceptance.ledger import ANOTHER_UPLOAD, misused
from services.ingest.admission.places import busy, too_many_uploads
from services.ingest.admission.queue import queue_full
from services.ingest.admission.tenant_shares import too_many_images
from services.ingest.api import csv_refusals
from services.ingest.api.idempotency_key import KEY_PATTERN, MAX_KEY_CHARACTERS, invalid_key
from services.ingest.api.openapi.answers import judged_csv
from services.ingest.api.template import TEMPLATE
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.marked import mark_rows
from services.ingest.csv_file.verdicts import CellError, ErrorCode, UnreadableCsv
from services.ingest.form import refusals
from services.ingest.form.options import impossible_quality
from shared.outcomes import Away
from shared.web.api_keys import Scope
from shared.web.openapi.answers import keyed, operation
from shared.web.openapi.schemas import TEXT, Json
from shared.web.problems import Problem

_WRONG = TEMPLATE.replace("2,SKU2,https", "two,,htp")
_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARACTERS, "pattern": KEY_PATTERN},
    "description": "Makes repeats of the same upload one request, for 7 days.",
}


def uploading(name: str, accepted: Mapping[str, Json], form: Json) -> dict[str, Any]:
    refused = (
        *_form_refusals(),
        invalid_key(),
        misused(ANOTHER_UPLOAD),
        outcome_unknown(Away("broker", "an example")),
        queue_full(),
        too_many_images(),
        busy(),
        refusals.disk_full(),
    )
    taken = {"parameters": [_IDEMPOTENCY_KEY], "requestBody": form}
    return _taking(taken, operation(name, "Upload a CSV", accepted, *refused))


def judging(name: str, summary: str, judged: Json, form: Json) -> dict[str, Any]:
    refused = (*_form_refusals(), busy(), refusals.disk_full())
    return _taking({"requestBody": form}, operation(name, summary, {"200": judged}, *refused))


def _taking(taken: Json, described: dict[str, Any]) -> dict[str, Any]:
    """FastAPI does not see what is read from the stream; and rows are refused as a marked CSV too."""
    with mark_rows(io.BytesIO(_WRONG.encode()), CsvLimits()) as marked:
        example = marked.read().decode()
    described["responses"]["400"]["content"]["text/csv"] = {"schema": TEXT, "example": example}
    return described | {"openapi_extra": taken}


def _form_refusals() -> Sequence[Problem]:
    no_csv = CellError(
        code=ErrorCode.NOT_CSV,
        problem="The file is a PDF document, not a CSV.",
        advice="Open it in its program and save or export it as CSV UTF-8.",
    )
    limits = CsvLimits()
    return (
        csv_refusals.invalid_rows(judged_csv(_WRONG)),
        csv_refusals.unreadable(UnreadableCsv(no_csv)),
        impossible_quality(),
        *keyed(Scope.UPLOAD),
        too_many_uploads(32),
        refusals.too_slow(),
        csv_refusals.beyond_limit(limits.too_many_rows(limits.rows + 2)),
        refusals.not_a_form(),
    )
