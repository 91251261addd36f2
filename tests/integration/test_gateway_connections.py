"""The connections that the gateway keeps to the services behind it."""

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from deploy.local.servers.gateway import CADDY, CADDYFILE
from shared.serving import http_config
from shared.settings import ServiceSettings

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


def _adapted() -> Any:
    command = [str(CADDY), "adapt", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    told = {"PATH": os.environ["PATH"], "BIND_HOST": "127.0.0.1", "SITE_ADDRESS": "http://:1"}
    return json.loads(subprocess.run(command, env=told, capture_output=True, check=True).stdout)


def _transports(part: Any) -> Iterator[Any]:
    """Of everything that hands calls on, however deep within."""
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    if isinstance(part, dict) and part.get("handler") == "reverse_proxy":
        yield part["transport"]
    for each in inner:
        yield from _transports(each)
