"""Serves images from the store. No other kind of key exists here: the upload and everything else that lies
beside them is never served.
"""

from fastapi import APIRouter, Request, Response

from services.status.api.answers.object_answers import StoredObject, object_answer
from services.status.api.answers.refusals import file_not_found, range_behind_end
from services.status.api.dependencies import Dependencies, Deps
from services.status.api.openapi.operation import PARTLY, keyed_operation
from services.status.api.parameters import FileKey
from services.status.reading.lookup import parse_request_id
from services.status.records.request import is_expired
from shared.contract.keys import parse_image_key
from shared.contract.picture_formats import PictureFormat
from shared.store import Missing
from shared.web.api_keys import Scope
from shared.web.methods import READ
from shared.web.openapi.schemas import FILE
from shared.web.readers import count_reader

_MEDIA_TYPES = {each.extension: each.media_type for each in PictureFormat}

router = APIRouter()


@router.api_route(
    "/v1/files/{key:path}",
    methods=READ,
    openapi_extra={"security": []},
    **keyed_operation(
        "getFile",
        "An image; an original needs a key",
        {"200": {"description": "The image.", "content": {"image/*": {"schema": FILE}}}, **PARTLY},
        file_not_found(),
        range_behind_end(48_211),
    ),
)
async def get_file(request: Request, key: FileKey, deps: Deps) -> Response:
    image = parse_image_key(key)
    media_type = _MEDIA_TYPES.get(image.extension) if image else None
    if image is None or media_type is None:
        raise file_not_found()
    is_open = image.kind == "output"
    tenant = None if is_open else await deps.authenticator.tenant_with(Scope.READ)(request)
    audience = "public" if is_open else "private"
    headers = {
        "Content-Type": media_type,
        "Cache-Control": f"{audience}, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    try:
        # The store first: whoever guesses keys takes no connection to Postgres from others.
        size = await deps.store.size(key)
        owner = await _require_visible(deps, image.request, tenant)
        count_reader(request, tenant=owner)
        return await object_answer(
            request, deps.store, StoredObject(key, size, f'"{image.content_hash}"'), headers=headers
        )
    except Missing as error:
        raise file_not_found() from error


async def _require_visible(deps: Dependencies, request_id: str, tenant: str | None) -> str:
    """Whose it is. An output's key cannot be guessed, so it is enough to know it; an original needs its
    tenant's key.
    """
    parsed = parse_request_id(request_id)
    record = await deps.reader.request(parsed) if parsed else None
    if record is None or record.deleted or is_expired(record, deps.lookup.now()):
        raise file_not_found()
    if tenant not in (None, record.tenant):
        raise file_not_found()
    return record.tenant
