"""Nothing but the guarded client speaks to the internet."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(file for folder in ("services", "shared") for file in (ROOT / folder).rglob("*.py"))
CLIENTS = {"httpx", "requests", "urllib3", "urllib.request", "http.client", "pycurl", "niquests", "ftplib"}
# aiohttp is a server and an interface as well; whoever imports it stands here with what it may take from it.
OF_AIOHTTP = {
    "shared/outbound/client.py": {"aiohttp", "aiohttp.abc", "aiohttp.helpers"},
    "shared/outbound/connection.py": {"aiohttp", "aiohttp.client_proto", "aiohttp.http_exceptions"},
    "shared/outbound/fair_connector.py": {"aiohttp"},
    "shared/outbound/resolver.py": {"aiohttp", "aiohttp.abc"},
    "services/notifier/poster.py": {"aiohttp.abc"},
    "services/notifier/listen.py": {"aiohttp.web"},  # the local receiver: a server
}


def imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def wrong(name: str, source: str) -> list[str]:
    found = set(imports(source))
    http = [each for each in found if any(f"{each}.".startswith(f"{client}.") for client in CLIENTS)]
    aiohttp = [each for each in found if f"{each}.".startswith("aiohttp.")]
    allowed = tuple(f"{each}." for each in OF_AIOHTTP.get(name, ()))
    outside = [each for each in aiohttp if not (allowed and f"{each}.".startswith(allowed))]
    if OF_AIOHTTP.get(name) == {"aiohttp.web"}:
        outside = [each for each in outside if each != "aiohttp"]  # `from aiohttp import web`
    return sorted([*http, *outside])


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_second_http_client_exists(file: Path) -> None:
    """R20: the address guard is on the only way out."""
    assert wrong(str(file.relative_to(ROOT)), file.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "import httpx",
        "from httpx import AsyncClient",
        "import urllib.request",
        "from urllib import request",
        "from http.client import HTTPSConnection",
        "import aiohttp",
        "from aiohttp import ClientSession",
        "async def f():\n    import requests.sessions",
    ],
)
def test_a_second_client_would_be_found(source: str) -> None:
    assert wrong("services/status/api/app.py", source)
    assert wrong(
        "services/notifier/listen.py", source.replace("import aiohttp", "from aiohttp import request")
    )
