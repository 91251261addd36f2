"""The gateway as it is deployed: its configuration unchanged, run by the real Caddy before any addresses."""

import http.client
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.free_ports import free_port
from deploy.local.processes.patience import Patience
from tests.worlds.tools import CADDY

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "gateway" / "Caddyfile"
READY_SECONDS = 20.0  # of standing still
MAX_UPLOAD_BYTES = 3_000_000


@dataclass(frozen=True, slots=True)
class Gateway:
    url: str
    log: Path


@contextmanager
def gateway(folder: Path, ingest_url: str, status_url: str) -> Iterator[Gateway]:
    folder.mkdir(exist_ok=True)
    port = free_port()
    told = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "SITE_ADDRESS": f"http://:{port}",
        "INGEST_ADDRESS": urlsplit(ingest_url).netloc,
        "STATUS_ADDRESS": urlsplit(status_url).netloc,
        "MAX_UPLOAD": f"{MAX_UPLOAD_BYTES}B",
    }
    log = folder / "gateway.log"
    with log.open("wb") as output:
        command = [str(CADDY), "run", "--config", str(CONFIGURATION), "--adapter", "caddyfile"]
        process = subprocess.Popen(command, env=told, stdout=output, stderr=output, cwd=folder)
    try:
        _wait_until_alive(port, process)
        yield Gateway(f"http://127.0.0.1:{port}", log)
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_alive(port: int, process: subprocess.Popen[bytes]) -> None:
    patience = Patience(sessions=lambda: [process.pid], seconds=READY_SECONDS)
    while not _is_alive(port):
        cause = "it ended" if process.poll() is not None else patience.exhausted()
        assert not cause, f"the gateway is not alive: {cause}"
        time.sleep(0.05)


def _is_alive(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/gateway-livez")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
