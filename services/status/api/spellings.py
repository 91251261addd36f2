"""The status in the snake spelling (`/status/…`) and in the camel one (`/api/status/…`), thin over the same
records as /v1. Their arrays are always whole: those of a large request are streamed, those of another are
rendered once for each version of its images.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic_core import to_json

from services.status.api.answers.json_answers import is_known, tag_headers, weak_tag
from services.status.api.answers.streaming import PAGED_STREAM_BYTES, nothing, paced, streamed
from services.status.api.dependencies import Dependencies, Deps, Tenant
from services.status.api.openapi import spellings as described
from services.status.api.openapi.operation import NOT_MODIFIED, keyed_operation
from services.status.api.parameters import RequestId
from services.status.reading.reader import PAGE_IMAGES, Reader
from services.status.records.request import ImageRecord, RequestRecord
from services.status.rendering.spellings import (
    camel_head,
    camel_product,
    snake_head,
    snake_image,
    snake_product,
)
from services.status.rendering.values import Json
from services.status.rendering.whole_products import whole_products
from shared.web.methods import READ
from shared.web.problems import request_not_found
from shared.web.readers import count_reader

WHOLE_PAGES = 2  # of a request whose answer is in memory as a whole
LARGEST_WHOLE_IMAGES = WHOLE_PAGES * PAGE_IMAGES
STREAMED_IMAGES = 250  # rendered in one go: a stream is long, and the engine waits for its turn

router = APIRouter()

Pages = AsyncIterator[list[ImageRecord]]
Array = Callable[[RequestRecord, Pages], AsyncIterator[list[Json]]]  # its items, page by page


@dataclass(frozen=True, slots=True)
class Spelling:
    name: str
    head: Callable[[RequestRecord], Json]
    arrays: Mapping[str, Array]  # they follow the head's members in this order


async def _images(_: RequestRecord, pages: Pages) -> AsyncIterator[list[Json]]:
    async for page in pages:
        yield [snake_image(image) for image in page]


async def _snake_products(_: RequestRecord, pages: Pages) -> AsyncIterator[list[Json]]:
    async for products in whole_products(pages):
        yield [snake_product(images) for images in products]


async def _camel_products(record: RequestRecord, pages: Pages) -> AsyncIterator[list[Json]]:
    render = partial(camel_product, str(record.id))
    async for products in whole_products(pages):
        yield [render(images) for images in products]


SNAKE = Spelling("snake", snake_head, {"images": _images, "products": _snake_products})
CAMEL = Spelling("camel", camel_head, {"products": _camel_products})


@router.api_route(
    "/status/{request_id}",
    methods=READ,
    **keyed_operation(
        "statusSnake",
        "How far a request is",
        {"200": described.snake_status(), **NOT_MODIFIED},
        request_not_found(),
    ),
)
@router.api_route("/status/{request_id}/", methods=READ, include_in_schema=False)
async def snake_status(request: Request, request_id: RequestId, deps: Deps, tenant: Tenant) -> Response:
    return await _answer(request, deps, await deps.lookup.find(tenant, request_id), SNAKE)


@router.api_route(
    "/api/status/{request_id}",
    methods=READ,
    **keyed_operation(
        "statusCamel",
        "How far a request is",
        {"200": described.camel_status(), **NOT_MODIFIED},
        request_not_found(),
    ),
)
@router.api_route("/api/status/{request_id}/", methods=READ, include_in_schema=False)
async def camel_status(request: Request, request_id: RequestId, deps: Deps, tenant: Tenant) -> Response:
    return await _answer(request, deps, await deps.lookup.find(tenant, request_id), CAMEL)


async def _answer(
    request: Request, deps: Dependencies, record: RequestRecord, spelling: Spelling
) -> Response:
    head = to_json(spelling.head(record))
    tag = weak_tag(head, record.images_version())
    if is_known(request, tag):
        return Response(status_code=304, headers=tag_headers(tag))
    arrays = await _whole_arrays(deps, record, spelling) if record.images <= LARGEST_WHOLE_IMAGES else None
    if arrays is not None:
        return Response(head[:-1] + arrays + b"}", headers=tag_headers(tag), media_type="application/json")
    count_reader(request, held_bytes=PAGED_STREAM_BYTES)
    headers = {**tag_headers(tag), "Content-Type": "application/json"}
    if request.method == "HEAD":
        return StreamingResponse(nothing(), headers=headers)
    chunks = paced(_streamed(head, spelling, record, await _pages_begun(deps.reader, record)))
    return await streamed(chunks, headers=headers)


async def _whole_arrays(deps: Dependencies, record: RequestRecord, spelling: Spelling) -> bytes | None:
    """What stands behind the head, which was read before: what is kept is at least as new as its version.
    None where it is too large.
    """
    key, version = (record.id, spelling.name), record.images_version()
    known = deps.answer_cache.get(key, version)
    if known is not None:
        return known
    async with deps.whole_answers:
        known = deps.answer_cache.get(key, version)  # another may have made it meanwhile
        if known is None and (known := await _rendered_whole(deps.reader, record, spelling)):
            deps.answer_cache.put(key, version, known)
        return known


async def _rendered_whole(reader: Reader, record: RequestRecord, spelling: Spelling) -> bytes | None:
    pages: list[list[ImageRecord]] = []
    async for page in reader.image_pages(record):
        pages.append(page)
        if len(pages) > WHOLE_PAGES:
            return None
    return b"".join([chunk async for chunk in _arrays(spelling, record, lambda: _again(pages))])


async def _again(pages: Iterable[list[ImageRecord]]) -> Pages:
    for page in pages:
        yield page


async def _pages_begun(reader: Reader, record: RequestRecord) -> Callable[[], Pages]:
    """The first page is read before the answer begins, and only once; the others anew each time."""
    first: list[ImageRecord] = await anext(reader.image_pages(record, 0, STREAMED_IMAGES), [])

    async def read() -> Pages:
        if not first:
            return
        yield first
        async for page in reader.patient().image_pages(record, first[-1].ordinal + 1, STREAMED_IMAGES):
            yield page

    return read


async def _streamed(
    head: bytes, spelling: Spelling, record: RequestRecord, read: Callable[[], Pages]
) -> AsyncIterator[bytes]:
    """One JSON object: the head's members, then each array, written page by page."""
    yield head[:-1]
    async for chunk in _arrays(spelling, record, read):
        yield chunk
    yield b"}"


async def _arrays(
    spelling: Spelling, record: RequestRecord, read: Callable[[], Pages]
) -> AsyncIterator[bytes]:
    for name, items_of in spelling.arrays.items():
        async for chunk in _array(name, items_of(record, read())):
            yield chunk


async def _array(name: str, pages: AsyncIterator[Sequence[Json]]) -> AsyncIterator[bytes]:
    yield b',"%b":[' % name.encode()
    separator = b""
    async for items in pages:
        if items:
            yield separator + _members(items)
            separator = b","
    yield b"]"


def _members(items: Iterable[Json]) -> bytes:
    return to_json(list(items))[1:-1]
