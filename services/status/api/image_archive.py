"""All compressed images of a request as one ZIP, made while it is sent and kept nowhere."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from services.status.api.answers.json_answers import is_known
from services.status.api.answers.refusals import images_not_found
from services.status.api.answers.streaming import PAGED_STREAM_BYTES, nothing, streamed
from services.status.api.dependencies import Deps, Tenant
from services.status.api.openapi import downloads as described
from services.status.api.openapi.operation import NOT_MODIFIED, keyed_operation
from services.status.api.parameters import RequestId
from services.status.reading.archive_stream import NOTED_BYTES, archive
from services.status.reading.report_stream import ChangedMeanwhile
from services.status.records.request import is_expired
from shared.contract.csv_files import attachment
from shared.store import Missing
from shared.web.methods import READ
from shared.web.problems import request_not_found
from shared.web.readers import count_reader

router = APIRouter()


@router.api_route(
    "/v1/requests/{request_id}/images.zip",
    methods=READ,
    **keyed_operation(
        "getImagesZip",
        "All compressed images in one file",
        {"200": described.images(), **NOT_MODIFIED},
        images_not_found(),
        request_not_found(),
    ),
)
async def get_images_zip(request: Request, request_id: RequestId, deps: Deps, tenant: Tenant) -> Response:
    record = await deps.lookup.find(tenant, request_id)
    if not record.has_output or is_expired(record, deps.lookup.now()):
        raise images_not_found()
    tag = f'W/"{record.run}-images.zip"'
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": attachment(f"images-{record.filename}", "zip"),
        "Cache-Control": "private, no-cache",
        "ETag": tag,
        "Accept-Ranges": "none",
        "X-Content-Type-Options": "nosniff",
    }
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        return StreamingResponse(nothing(), headers=headers)
    count_reader(request, held_bytes=PAGED_STREAM_BYTES + NOTED_BYTES * record.images)
    try:
        return await streamed(archive(deps.reader, deps.store, record), headers=headers)
    except (Missing, ChangedMeanwhile) as error:
        raise images_not_found() from error
