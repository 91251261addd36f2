"""The connections that the gateway keeps: to the services behind it, and of its callers."""

import asyncio
import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from deploy.local.free_ports import free_port
from deploy.local.servers.gateway import CADDY, CADDYFILE, Gateway
from shared.serving import http_config
from shared.settings import ServiceSettings
from tests.system.gateway import gateway
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.servers.listening import listens

NOBODY = "http://127.0.0.1:1"
NANOSECONDS = 1_000_000_000
FROZEN_SECONDS = 30  # as long as the live chaos holds anything


def test_the_gateway_gives_up_a_quiet_connection_long_before_its_service_does() -> None:
    """R20: by one that the service had closed meanwhile a POST was a 503, for it cannot be sent again: so
    after the gateway itself had stood still for some seconds, when it gave up none either.
    """
    kept = [each["keep_alive"]["idle_timeout"] for each in _transports(_adapted({}))]
    assert len(kept) > 1
    service = http_config(FastAPI(), ServiceSettings(port=1, kafka_bootstrap="127.0.0.1:1"))
    assert max(kept) + FROZEN_SECONDS * NANOSECONDS < service.timeout_keep_alive * NANOSECONDS


HASTE = {"read_header 10s": "read_header 100ms"}
NOT_WHAT_HE_WANTS = [b"", b"GET /v", b"GET /v1/requests HTTP/1.1\r\nHost: x\r\n"]


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Gateway]:
    """Gives the head of a call little time; the rest is as deployed."""
    with _changed(tmp_path, HASTE) as server:
        yield server


@pytest.mark.parametrize("said", NOT_WHAT_HE_WANTS)
def test_whoever_connects_and_does_not_say_what_he_wants_is_hung_up(impatient: Gateway, said: bytes) -> None:
    """R20: who was silent from the first was kept for as long as he liked."""
    _wait_until_hung_up(impatient.port, said)


@pytest.fixture
def redirecting(tmp_path: Path) -> Iterator[int]:
    """The port without TLS of an impatient gateway that has TLS too, with all that belongs to it."""
    port = free_port()
    with_tls = {
        "admin off": f"admin off\n\tskip_install_trust\n\thttp_port {port}",
        "{$MORE_PROTOCOLS}": "h2 h3",
        "{$REDIRECT_FROM:(nowhere)}": f"https://localhost:{free_port()} {{\n}}\n\nhttp://",
    }
    with _changed(tmp_path, HASTE | with_tls):
        asyncio.run(until(lambda: listens(port)))  # Caddy opens its ports one after another
        yield port


@pytest.mark.parametrize("said", NOT_WHAT_HE_WANTS)
def test_beside_tls_too_whoever_does_not_say_what_he_wants_is_hung_up(redirecting: int, said: bytes) -> None:
    """R20"""
    _wait_until_hung_up(redirecting, said)


def test_beside_tls_a_call_is_sent_on_to_https(redirecting: int) -> None:
    connection = HTTPConnection("127.0.0.1", redirecting, timeout=DEADLINE_SECONDS)
    connection.request("GET", "/v1/requests?limit=1", headers={"Host": "localhost"})
    answer = connection.getresponse()
    connection.close()
    assert answer.status == 308
    assert re.fullmatch(r"https://localhost:\d+/v1/requests\?limit=1", answer.headers["Location"])


LISTENS = [({}, ""), ({"BIND_HOST": "::"}, "[::]"), ({"BIND_HOST": "127.0.0.1 ::1"}, "127.0.0.1")]
TLS = {"MORE_PROTOCOLS": "h2 h3", "REDIRECT_FROM": "http://"}


@pytest.mark.parametrize(("told", "host"), LISTENS)
@pytest.mark.parametrize(("site", "port"), [("images.shop.example", 443), ("images.shop.example:8443", 8443)])
def test_a_gateway_that_does_tls_speaks_http_2_there_alone(
    told: dict[str, str], host: str, site: str, port: int
) -> None:
    """R20: it did only where it listened everywhere, or at one address that was spelt alike, and at 443."""
    servers = _servers(told | TLS | {"SITE_ADDRESS": site})
    assert servers.keys() == {f"{host}:{port}", f"{host}:80"}
    tls, plain = servers[f"{host}:{port}"], servers[f"{host}:80"]
    assert (tls["protocols"], tls.get("listen_protocols")) == (["h1", "h2", "h3"], None)
    assert plain["listen_protocols"] == [["h1"]] * len(plain["listen"])
    assert tls["read_header_timeout"] == plain["read_header_timeout"] == 10 * NANOSECONDS


@pytest.mark.parametrize(("told", "host"), LISTENS)
@pytest.mark.parametrize(
    ("site", "port"), [(":8080", 8080), ("http://:80", 80), ("images.shop.example", 443)]
)
def test_a_gateway_that_is_told_nothing_of_tls_speaks_http_1_1_alone(
    told: dict[str, str], host: str, site: str, port: int
) -> None:
    """R20"""
    ((listens, server),) = _servers(told | {"SITE_ADDRESS": site}).items()
    assert (listens, server["protocols"]) == (f"{host}:{port}", ["h1"])


def _wait_until_hung_up(port: int, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_SECONDS) as caller:
        caller.sendall(said)
        while caller.recv(1000):
            pass


@contextmanager
def _changed(folder: Path, changes: dict[str, str]) -> Iterator[Gateway]:
    ours, text = folder / "Caddyfile", CADDYFILE.read_text()
    for told, instead in changes.items():
        assert told in text
        text = text.replace(told, instead)
    ours.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("deploy.local.servers.gateway.CADDYFILE", ours)
        with gateway(folder, NOBODY, NOBODY) as server:
            yield server


def _servers(told: dict[str, str]) -> dict[str, Any]:
    """By the first address that each listens at."""
    return {each["listen"][0]: each for each in _adapted(told)["apps"]["http"]["servers"].values()}


def _adapted(told: dict[str, str]) -> Any:
    command = [str(CADDY), "adapt", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    environment = {"PATH": os.environ["PATH"]} | told
    return json.loads(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)


def _transports(part: Any) -> Iterator[Any]:
    """Of everything that hands calls on, however deep within."""
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    if isinstance(part, dict) and part.get("handler") == "reverse_proxy":
        yield part["transport"]
    for each in inner:
        yield from _transports(each)
