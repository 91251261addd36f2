"""R21: HTTP is counted by route; nothing a caller sends becomes a label."""

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from shared.observing.metrics import HTTP_REQUESTS, HTTP_SECONDS
from shared.web.metrics import Measured


def an_app() -> Measured:
    app = FastAPI()

    @app.get("/things/{name}")
    async def thing(name: str) -> PlainTextResponse:
        if name == "broken":
            raise RuntimeError
        return PlainTextResponse(name, 418)

    return Measured(app)


def counted(method: str, route: str, status: str) -> float:
    value: float = HTTP_REQUESTS.labels(method, route, status)._value.get()
    return value


async def asked(method: str, path: str) -> None:
    transport = httpx.ASGITransport(an_app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        await http.request(method, path)


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/things/secret-id", ("GET", "/things/{name}", "418")),
        ("GET", "/things/broken", ("GET", "/things/{name}", "500")),
        ("GET", "/nowhere/at/all", ("GET", "none", "404")),
        ("BREW", "/things/tea", ("other", "/things/{name}", "405")),
    ],
)
async def test_an_answer_counts_once_by_method_route_and_status(
    method: str, path: str, labels: tuple[str, str, str]
) -> None:
    before = counted(*labels)
    await asked(method, path)
    assert counted(*labels) == before + 1
    assert "secret-id" not in str(list(HTTP_REQUESTS.collect()) + list(HTTP_SECONDS.collect()))
