"""What is made of both OpenAPI documents: the table in docs/api.md, and ingest's part as status keeps it.

`python -m tests.writers.endpoints` writes both anew: run it after an endpoint or one of
its answers has changed.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import httpx

from services.ingest.api.app import create_app
from services.status.api.app import make_app
from services.status.api.reference.routes import INGEST
from shared.observing.health import Health
from shared.web.auth import OpenDoor
from tests.writers.made_parts import with_part

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
BEGIN = "<!-- made by python -m tests.writers.endpoints -->\n"
HEAD = "| call | what it does | answers | refuses |\n|---|---|---|---|\n"
EVERYWHERE = {"401", "403", "429", "500"}  # of whatever needs a key
Document = dict[str, Any]


def documents() -> dict[str, Document]:
    """As the services have them now."""
    anything: Any = MagicMock(authenticator=OpenDoor(), health=Health(), public_url="", cors_origins=())
    apps = {"ingest": create_app(anything), "status": make_app(anything, Health())}
    return {service: asyncio.run(_document(app)) for service, app in apps.items()}


async def _document(app: Any) -> Document:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside") as http:
        document: Document = (await http.get("/openapi.json")).json()
    return document


def table() -> str:
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in _rows())


def _rows() -> Iterator[tuple[str, ...]]:
    described = [
        (path, method.upper(), operation)
        for document in documents().values()
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    for path, method, operation in sorted(described, key=_place):
        yield _row(f"{method} {path}", operation)


def _place(described: tuple[str, str, Document]) -> tuple[bool, str, int]:
    path, method, _ = described
    return not path.startswith("/v1/"), path, ("POST", "GET", "DELETE").index(method)


def _row(call: str, operation: Document) -> tuple[str, ...]:
    statuses = sorted(operation["responses"])
    answers = [status for status in statuses if status < "400"]
    refusals = [status for status in statuses if status >= "400" and status not in EVERYWHERE]
    said = operation["summary"] if "401" in statuses else f"{operation['summary']} (no key)"
    return f"`{call}`", said, ", ".join(answers), ", ".join(refusals)


def with_table(page: str) -> str:
    return with_part(page, BEGIN, table() + "\n")


def ingest_document() -> str:
    """As status keeps it."""
    return json.dumps(documents()["ingest"], indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    INGEST.write_text(ingest_document())
    PAGE.write_text(with_table(PAGE.read_text()))
