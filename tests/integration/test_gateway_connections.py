"""The connections that the gateway keeps: to the services behind it, and of its callers."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from deploy.local.servers.gateway import CADDY, CADDYFILE, Gateway
from shared.serving import http_config
from shared.settings import ServiceSettings
from tests.system.gateway import gateway
from tests.worlds.patience import DEADLINE_SECONDS

NOBODY = "http://127.0.0.1:1"
NANOSECONDS = 1_000_000_000
FROZEN_SECONDS = 30  # as long as the live chaos holds anything


def test_the_gateway_gives_up_a_quiet_connection_long_before_its_service_does() -> None:
    """R20: by one that the service had closed meanwhile a POST was a 503, for it cannot be sent again: so
    after the gateway itself had stood still for some seconds, when it gave up none either.
    """
    kept = [each["keep_alive"]["idle_timeout"] for each in _transports(_adapted())]
    assert len(kept) > 1
    service = http_config(FastAPI(), ServiceSettings(port=1, kafka_bootstrap="127.0.0.1:1"))
    assert max(kept) + FROZEN_SECONDS * NANOSECONDS < service.timeout_keep_alive * NANOSECONDS


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """Gives the head of a call little time; the rest is as deployed."""
    told = CADDYFILE.read_text()
    assert "read_header 10s" in told
    file = tmp_path / "Caddyfile"
    file.write_text(told.replace("read_header 10s", "read_header 100ms"))
    monkeypatch.setattr("deploy.local.servers.gateway.CADDYFILE", file)
    with gateway(tmp_path, NOBODY, NOBODY) as server:
        yield server


@pytest.mark.parametrize("said", [b"", b"GET /v", b"GET /v1/requests HTTP/1.1\r\nHost: x\r\n"])
def test_whoever_connects_and_does_not_say_what_he_wants_is_hung_up(impatient: Gateway, said: bytes) -> None:
    """R20: who was silent from the first was kept for as long as he liked."""
    with socket.create_connection(("127.0.0.1", impatient.port), timeout=DEADLINE_SECONDS) as caller:
        caller.sendall(said)
        while caller.recv(1000):
            pass


@pytest.mark.parametrize("bind_host", ["", "127.0.0.1"])
def test_a_gateway_that_does_tls_itself_speaks_http_2(bind_host: str) -> None:
    """R20"""
    (server,) = _adapted(bind_host, "images.shop.example")["apps"]["http"]["servers"].values()
    assert server["listen"] == [f"{bind_host}:443"]
    assert "protocols" not in server
    (without_tls,) = _adapted(bind_host, ":8080")["apps"]["http"]["servers"].values()
    assert without_tls["protocols"] == ["h1"]
    assert server["read_header_timeout"] == without_tls["read_header_timeout"]


def _adapted(bind_host: str = "127.0.0.1", site_address: str = "http://:1") -> Any:
    command = [str(CADDY), "adapt", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    told = {"PATH": os.environ["PATH"], "BIND_HOST": bind_host, "SITE_ADDRESS": site_address}
    return json.loads(subprocess.run(command, env=told, capture_output=True, check=True).stdout)


def _transports(part: Any) -> Iterator[Any]:
    """Of everything that hands calls on, however deep within."""
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    if isinstance(part, dict) and part.get("handler") == "reverse_proxy":
        yield part["transport"]
    for each in inner:
        yield from _transports(each)
