"""The users' own two dialects, thin over the same records: C/E (`/status/…`, snake) and D (`/api/status/…`,
camel). Their arrays are always whole, so those of a large request are streamed.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic_core import to_json

from services.status.parts import Parts, PartsOf, Tenant
from services.status.reading import PAGE_IMAGES
from services.status.records import ImageRecord, RequestRecord
from services.status.rendering import (
    Json,
    camel_head,
    camel_product,
    snake_head,
    snake_image,
    snake_product,
)
from services.status.whole_products import whole_products

router = APIRouter()

Pages = AsyncIterator[list[ImageRecord]]
Arrays = dict[str, Callable[[], AsyncIterator[list[Json]]]]  # in pages, each read when its turn comes


@router.get("/status/{request_id}")
@router.get("/status/{request_id}/")
async def snake_status(request_id: str, parts: PartsOf, tenant: Tenant) -> Response:
    record = await parts.lookup.find(tenant, request_id)
    pages = await _Pages.open(parts, record)
    arrays: Arrays = {
        "images": lambda: _each_image(pages.read()),
        "products": lambda: _each_product(pages.read(), snake_product),
    }
    return await _answer(snake_head(record), arrays, small=pages.small)


@router.get("/api/status/{request_id}")
@router.get("/api/status/{request_id}/")
async def camel_status(request_id: str, parts: PartsOf, tenant: Tenant) -> Response:
    record = await parts.lookup.find(tenant, request_id)
    pages = await _Pages.open(parts, record)
    render = partial(camel_product, str(record.id))
    arrays: Arrays = {"products": lambda: _each_product(pages.read(), render)}
    return await _answer(camel_head(record), arrays, small=pages.small)


class _Pages:
    """A request's images. The first page is read before the answer begins, and only once."""

    def __init__(self, parts: Parts, record: RequestRecord, first: list[ImageRecord]) -> None:
        self._parts = parts
        self._record = record
        self._first = first
        self.small = len(first) < PAGE_IMAGES

    @classmethod
    async def open(cls, parts: Parts, record: RequestRecord) -> "_Pages":
        if not record.recorded:
            return cls(parts, record, [])
        return cls(parts, record, await anext(parts.reader.image_pages(record.id)))

    async def read(self) -> Pages:
        yield self._first
        if self.small:
            return
        async for page in self._parts.reader.image_pages(self._record.id, PAGE_IMAGES):
            yield page


async def _each_image(pages: Pages) -> AsyncIterator[list[Json]]:
    async for page in pages:
        yield [snake_image(image) for image in page]


async def _each_product(
    pages: Pages, render: Callable[[Sequence[ImageRecord]], Json]
) -> AsyncIterator[list[Json]]:
    async for products in whole_products(pages):
        yield [render(images) for images in products]


async def _answer(head: Json, arrays: Arrays, *, small: bool) -> Response:
    chunks = _json_chunks(head, arrays)
    if not small:
        return StreamingResponse(chunks, media_type="application/json")
    return Response(b"".join([chunk async for chunk in chunks]), media_type="application/json")


async def _json_chunks(head: Json, arrays: Arrays) -> AsyncIterator[bytes]:
    """One JSON object: the head's members, then each array, written page by page."""
    yield to_json(head)[:-1]
    for name, read in arrays.items():
        yield b',"%b":[' % name.encode()
        separator = b""
        async for items in read():
            if items:
                yield separator + _members(items)
                separator = b","
        yield b"]"
    yield b"}"


def _members(items: Iterable[Json]) -> bytes:
    return to_json(list(items))[1:-1]
