"""A real S3 server, versitygw, over a folder of the test's."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from deploy.local.free_ports import free_port
from deploy.local.processes.patience import Patience
from tests.worlds.deployment.tools import VERSITYGW
from tests.worlds.patience import DEADLINE_SECONDS

ACCESS_KEY, SECRET_KEY = "pixmill", "a-secret-of-the-test"
READY_SECONDS = 20.0  # of standing still


@dataclass(frozen=True)
class S3Server:
    url: str
    folder: Path  # its buckets are the folders in it

    def make_bucket(self, name: str) -> Path:
        bucket = self.folder / name
        bucket.mkdir()
        return bucket

    def environment(self) -> dict[str, str]:
        """What obstore reads."""
        return {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
        }


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    buckets, sidecar = folder / "buckets", folder / "sidecar"
    buckets.mkdir()
    sidecar.mkdir()
    port = free_port()
    keys = {"ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY}
    with (folder / "s3.log").open("wb") as log:
        process = subprocess.Popen(
            [
                VERSITYGW,
                "--port",
                f"127.0.0.1:{port}",
                "--health",
                "/health",
                "posix",
                "--sidecar",
                sidecar,
                buckets,
            ],
            env={**os.environ, **keys},
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_ready(process, f"http://127.0.0.1:{port}/health")
        yield S3Server(f"http://127.0.0.1:{port}", buckets)
    finally:
        process.terminate()
        process.wait(DEADLINE_SECONDS)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    patience = Patience(sessions=lambda: [process.pid], seconds=READY_SECONDS)
    while not _answers(url):
        assert process.poll() is None, "the S3 server ended"
        assert not (cause := patience.exhausted()), f"the S3 server is not ready: {cause}"
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=1):
            return True
    except OSError:
        return False
