"""How JSON leaves: with an entity tag, pages with a cursor."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic_core import to_json

from services.status.api.answers.refusals import unknown_cursor
from services.status.rendering.values import Json

LAST_ORDINAL = 2**31 - 1
MOVING_MEMBERS = ("eta_seconds",)  # change with every look although nothing happened


def accepted_answer(content: Any) -> Response:
    """202: what was asked for is under way."""
    return Response(to_json(content), 202, media_type="application/json")


def tagged_answer(request: Request, content: Json) -> Response:
    """200 with an entity tag, or 304 where the caller has the same already."""
    return _unless_known(request, entity_tag(content), to_json(content))


def page_answer(request: Request, items: list[Json], following: str | None) -> Response:
    """The same for a page in which nothing moves by itself."""
    rendered = to_json(page(items, following))
    return _unless_known(request, weak_tag(rendered), rendered)


def _unless_known(request: Request, tag: str, rendered: bytes) -> Response:
    if is_known(request, tag):
        return Response(status_code=304, headers=tag_headers(tag))
    return Response(rendered, headers=tag_headers(tag), media_type="application/json")


def tag_headers(tag: str) -> Mapping[str, str]:
    return {"ETag": tag, "Cache-Control": "private, no-cache"}


def entity_tag(content: Json) -> str:
    return weak_tag(to_json(_still(content)))


def weak_tag(shown: bytes, version: tuple[object, ...] = ()) -> str:
    """Of what is shown, and of the version of what is shown besides."""
    return f'W/"{hashlib.sha256(shown + repr(version).encode()).hexdigest()[:32]}"'


def _still(content: Json) -> Json:
    if "items" in content:
        return content | {"items": [_still(item) for item in content["items"]]}
    return {name: value for name, value in content.items() if name not in MOVING_MEMBERS}


def is_known(request: Request, tag: str) -> bool:
    """RFC 9110: If-None-Match compares weakly, and may be sent in several lines."""
    given = ",".join(request.headers.getlist("if-none-match"))
    known = [part.strip().removeprefix("W/") for part in given.split(",")]
    return "*" in known or tag.removeprefix("W/") in known


def page(items: list[Json], following: str | None) -> Json:
    return {"items": items, "next": following}


def cursor_of(created_at: datetime, request_id: UUID) -> str:
    text = f"{created_at.isoformat()}|{request_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def parse_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        created_at, _, request_id = text.partition("|")
        return datetime.fromisoformat(created_at).astimezone(UTC), UUID(request_id)
    except (ValueError, OverflowError) as error:
        raise unknown_cursor() from error


def parse_ordinal(cursor: str) -> int:
    """Of the lists that are numbered."""
    ordinal = parse_number(cursor, LAST_ORDINAL)
    if ordinal is None:
        raise unknown_cursor()
    return ordinal


def parse_number(text: str, last: int) -> int | None:
    """The whole number up to `last` that this is, or None. A longer one is not even read."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(last))
    return int(text) if is_number and int(text) <= last else None
