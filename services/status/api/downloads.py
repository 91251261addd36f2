"""The tables of a request whose run has ended: the output CSV as it lies in the store, and what is made on
demand, as a CSV or as a workbook.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from services.status.api.answers.json_answers import is_known
from services.status.api.answers.object_answers import StoredObject, object_answer
from services.status.api.answers.refusals import beyond_workbook, output_not_found, range_behind_end
from services.status.api.answers.streaming import PAGED_STREAM_BYTES, nothing, paced, streamed
from services.status.api.dependencies import Dependencies, Deps, Tenant
from services.status.api.openapi import downloads as described
from services.status.api.openapi.operation import NOT_MODIFIED, PARTLY, keyed_operation
from services.status.api.parameters import Columns, RequestId, unknown_columns
from services.status.reading.report_stream import ChangedMeanwhile, Export, export_rows
from services.status.reading.workbook_stream import sheet_markup
from services.status.records.request import RequestRecord, is_expired
from services.status.rendering.workbook.packing import packed
from services.status.rendering.workbook.parts import MEDIA_TYPE
from services.status.rendering.workbook.sheet import MOST_CHARACTERS, BeyondSheet
from shared.contract.csv_files import attachment
from shared.store import Missing
from shared.web.methods import READ
from shared.web.problems import Problem, request_not_found
from shared.web.readers import count_reader

router = APIRouter()

_MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": MEDIA_TYPE}


def _output(name: str) -> dict[str, Any]:
    return keyed_operation(
        name,
        "The CSV with the new URLs",
        {"200": described.output(), **PARTLY},
        output_not_found(),
        unknown_columns(),
        range_behind_end(391),
    )


@router.api_route("/v1/requests/{request_id}/output.csv", methods=READ, **_output("getOutputCsv"))
@router.api_route("/download/{request_id}", methods=READ, **_output("downloadSnake"))
@router.api_route("/download/{request_id}/", methods=READ, include_in_schema=False)
@router.api_route("/api/download/{request_id}", methods=READ, **_output("downloadCamel"))
@router.api_route("/api/download/{request_id}/", methods=READ, include_in_schema=False)
async def get_output_csv(
    request: Request,
    request_id: RequestId,
    deps: Deps,
    tenant: Tenant,
    columns: Columns = None,
) -> Response:
    record = await _find_ended(deps, tenant, request_id)
    if columns is not None:
        return await _export_answer(request, deps, record, Export.EXTENDED)
    key = record.output_csv_path
    if key is None:
        return await _export_answer(request, deps, record, Export.OUTPUT)
    # A run's file is written once, and its key names the run.
    tag = f'"{hashlib.sha256(key.encode()).hexdigest()[:32]}"'
    try:
        stored = StoredObject(key, await deps.store.size(key), tag)
        return await object_answer(request, deps.store, stored, headers=_headers("output", record))
    except Missing as error:
        raise output_not_found() from error


@router.api_route(
    "/v1/requests/{request_id}/failed.csv",
    methods=READ,
    **keyed_operation(
        "getFailedCsv",
        "The rows that failed, to be mended and uploaded again",
        {"200": described.failed(), **NOT_MODIFIED},
        output_not_found(),
    ),
)
async def get_failed_csv(request: Request, request_id: RequestId, deps: Deps, tenant: Tenant) -> Response:
    record = await _find_ended(deps, tenant, request_id)
    return await _export_answer(request, deps, record, Export.FAILED)


@router.api_route(
    "/v1/requests/{request_id}/output.xlsx",
    methods=READ,
    **keyed_operation(
        "getOutputWorkbook",
        "The same as a workbook of Excel",
        {"200": described.workbook(), **NOT_MODIFIED},
        output_not_found(),
        unknown_columns(),
        beyond_workbook(BeyondSheet("cell length", MOST_CHARACTERS, "characters", 12)),
    ),
)
async def get_output_workbook(
    request: Request, request_id: RequestId, deps: Deps, tenant: Tenant, columns: Columns = None
) -> Response:
    record = await _find_ended(deps, tenant, request_id)
    export = Export.OUTPUT if columns is None else Export.EXTENDED
    headers = _made_headers(export, record, "xlsx")
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    try:
        await _require_fits(deps, tenant, record, export)
        if request.method == "HEAD":
            return StreamingResponse(nothing(), headers=headers)
        count_reader(request, held_bytes=PAGED_STREAM_BYTES)
        sheet = paced(sheet_markup(deps.reader, deps.store, record, export))
        return await streamed(packed(sheet), headers=headers)
    except BeyondSheet as verdict:
        raise beyond_workbook(verdict) from verdict
    except ChangedMeanwhile as error:
        raise output_not_found() from error


async def _require_fits(deps: Dependencies, tenant: str, record: RequestRecord, export: Export) -> None:
    """Reads it through: once an answer has begun it cannot become a refusal."""
    with deps.readers.one_of(tenant, PAGED_STREAM_BYTES):
        async for _ in paced(sheet_markup(deps.reader, deps.store, record, export)):
            pass


async def _find_ended(deps: Dependencies, tenant: str, request_id: str) -> RequestRecord:
    try:
        record = await deps.lookup.find(tenant, request_id)
    except Problem as problem:
        if problem.status != request_not_found().status:
            raise
        raise output_not_found() from problem
    if not record.has_output or is_expired(record, deps.lookup.now()):
        raise output_not_found()
    return record


async def _export_answer(
    request: Request, deps: Dependencies, record: RequestRecord, export: Export
) -> Response:
    headers = _made_headers(export, record, "csv")
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        return StreamingResponse(nothing(), headers=headers)
    count_reader(request, held_bytes=PAGED_STREAM_BYTES)
    return await streamed(paced(export_rows(deps.reader, deps.store, record, export)), headers=headers)


def _made_headers(export: Export, record: RequestRecord, ending: str) -> Mapping[str, str]:
    """Of what is made anew for each caller: of one run it says the same, if not byte for byte."""
    tag = f'W/"{record.run}-{export}.{ending}"'
    return {**_headers(export, record, ending), "ETag": tag, "Accept-Ranges": "none"}


def _headers(kind: str, record: RequestRecord, ending: str = "csv") -> Mapping[str, str]:
    return {
        "Content-Type": _MEDIA_TYPES[ending],
        "Content-Disposition": attachment(f"{kind}-{record.filename}", ending),
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
