"""How objects of the store leave over HTTP: whole or in part, with a tag, streamed."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request, Response

from services.status.api.answers.byte_ranges import Span, UnsatisfiableRange, wanted_span
from services.status.api.answers.json_answers import is_known
from services.status.api.answers.refusals import range_behind_end
from services.status.api.answers.streaming import streamed
from shared.store import Store


@dataclass(frozen=True, slots=True)
class StoredObject:
    key: str
    size: int
    tag: str  # strong: it names these very bytes


async def object_answer(
    request: Request, store: Store, stored: StoredObject, *, headers: Mapping[str, str]
) -> Response:
    """Raises `Missing` or `Away` before anything is sent."""
    key, size, tag = stored.key, stored.size, stored.tag
    known = {**headers, "ETag": tag, "Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff"}
    if is_known(request, tag):
        return Response(status_code=304, headers=known)
    if request.method == "HEAD":  # a range is defined for GET alone
        return Response(headers={**known, "Content-Length": str(size)})
    span = _span(request, tag, size)
    if span is None:
        return await streamed(store.stream(key), 200, {**known, "Content-Length": str(size)})
    known["Content-Range"] = span.content_range(size)
    known["Content-Length"] = str(span.stop - span.start)
    return await streamed(store.stream(key, span.start, span.stop), 206, known)


def _span(request: Request, tag: str, size: int) -> Span | None:
    try:
        return wanted_span(request.headers.get("range"), request.headers.get("if-range"), tag, size)
    except UnsatisfiableRange as behind:
        raise range_behind_end(size) from behind
