"""A service's HTTP server ends when it is told, and looks at the clock only for the date of its answers."""

import asyncio

import pytest
import uvicorn
from fastapi import FastAPI

from shared import serving
from shared.serving import HttpServer
from tests.worlds.patience import DEADLINE_SECONDS, until


def server() -> HttpServer:
    return HttpServer(uvicorn.Config(FastAPI(), port=0, lifespan="off", log_config=None))


async def test_it_ends_when_it_is_told_and_not_when_it_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "DATE_SECONDS", 3_600.0)
    http = server()
    running = asyncio.create_task(http.serve())
    await until(lambda: http.started and http.server_state.default_headers)
    http.end()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await running


async def test_it_writes_the_date_of_its_answers_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "DATE_SECONDS", 0.001)
    http = server()
    running = asyncio.create_task(http.serve())
    for _ in range(3):
        await until(lambda: http.server_state.default_headers)
        assert [name for name, _ in http.server_state.default_headers if name == b"date"]
        http.server_state.default_headers = []
    http.end()
    await running
