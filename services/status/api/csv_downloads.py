"""The CSVs of a request whose run has ended: the output as it lies in the store, and those made on demand."""

import hashlib
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from services.status.api.answers.json_answers import READ, is_known
from services.status.api.answers.object_answers import StoredObject, object_answer
from services.status.api.answers.refusals import output_not_found, range_behind_end
from services.status.api.answers.streaming import PAGED_STREAM_BYTES, nothing, streamed
from services.status.api.dependencies import Dependencies, Deps, Tenant
from services.status.api.openapi import csv_downloads as described
from services.status.api.openapi.operation import NOT_MODIFIED, PARTLY, keyed_operation
from services.status.api.parameters import Columns, RequestId, unknown_columns
from services.status.reading.report_stream import Export, export_rows
from services.status.records.request import RequestRecord, is_expired
from shared.contract.csv_files import attachment
from shared.store import Missing
from shared.web.problems import Problem, request_not_found
from shared.web.readers import count_reader

router = APIRouter()


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
    tag = f'W/"{record.run}-{export}"'
    headers = {**_headers(export, record), "ETag": tag, "Accept-Ranges": "none"}
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        return StreamingResponse(nothing(), headers=headers)
    count_reader(request, held_bytes=PAGED_STREAM_BYTES)
    return await streamed(export_rows(deps.reader, deps.store, record, export), headers=headers)


def _headers(kind: str, record: RequestRecord) -> Mapping[str, str]:
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": attachment(f"{kind}-{record.filename}"),
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
