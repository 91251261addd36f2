"""The gateway as it is deployed, before any addresses."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.free_ports import free_port
from deploy.local.servers.gateway import Gateway
from deploy.local.testing import RunningServer

MAX_UPLOAD_BYTES = 3_000_000


@contextmanager
def gateway(
    folder: Path, ingest_url: str, status_url: str, *, read_seconds: int | None = None
) -> Iterator[Gateway]:
    server = Gateway(
        folder=folder,
        log=folder / "gateway.log",
        port=free_port(),
        ingest=urlsplit(ingest_url).netloc,
        status=urlsplit(status_url).netloc,
        drain_seconds=1,
        max_upload=f"{MAX_UPLOAD_BYTES}B",
        read_seconds=read_seconds,
    )
    running = RunningServer(server)
    try:
        running.wait_until_ready()
        yield server
    finally:
        running.stop()
