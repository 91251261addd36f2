"""A watched ingest process on a broker of its own, without the other services, and what it may be asked."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import aiohttp
from cryptography.fernet import Fernet

from bench.figures import WrongResult, percentile
from bench.instruments.process_memory import MEBIBYTE, peak_bytes
from bench.programs.watched_ingest import PATH
from deploy.local.free_ports import free_port
from deploy.local.processes.patience import Patience
from deploy.local.testing import kafka_broker
from shared.kafka.topics import ensure_topics
from shared.topics import wanted_topics

READY_SECONDS = 60.0  # of standing still


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the loop woke up by the clock on the wall, whoever held it up, and how long its thread at most
    waited for a core meanwhile.
    """

    most_ms: float
    p99_ms: float
    most_waited_ms: float

    def told(self) -> dict[str, float]:
        return {"max": self.most_ms, "p99": self.p99_ms, "max_wait_for_a_core": self.most_waited_ms}


@dataclass(frozen=True, slots=True)
class WatchedIngest:
    url: str
    pid: int
    http: aiohttp.ClientSession

    async def upload(self, file: BinaryIO, rows: int) -> float:
        """Seconds from the first byte sent to the answer, which must be right."""
        form = aiohttp.FormData()
        form.add_field("file", file, filename="products.csv", content_type="text/csv")
        began = time.perf_counter()
        async with self.http.post(f"{self.url}/v1/requests", data=form) as response:
            answer = await response.json()
        seconds = time.perf_counter() - began
        if response.status != 202 or answer["counts"]["products"] != rows:
            raise WrongResult(f"an upload of {rows} rows answered {response.status}: {answer}")
        return seconds

    async def health(self) -> float:
        """Seconds to the answer of /livez."""
        began = time.perf_counter()
        async with self.http.get(f"{self.url}/livez") as response:
            if response.status != 200:
                raise WrongResult(f"/livez answered {response.status}")
        return time.perf_counter() - began

    async def lateness(self) -> Lateness:
        """How late the event loop woke up since this was last asked."""
        async with self.http.get(self.url + PATH) as response:
            late, waited = zip(*await response.json(), strict=True)
        return Lateness(max(late), percentile(late, 99), max(waited))

    def forget_peak(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def peak_mebibytes(self) -> float:
        return peak_bytes(self.pid) / MEBIBYTE


@contextmanager
def own_broker(folder: Path) -> Iterator[str]:
    with kafka_broker(folder) as (broker, _):
        asyncio.run(ensure_topics(broker.bootstrap, wanted_topics(1), 1))
        yield broker.bootstrap


@asynccontextmanager
async def watched_ingest(folder: Path, bootstrap: str) -> AsyncIterator[WatchedIngest]:
    port = free_port()
    environment = {
        "PORT": str(port),
        "KAFKA_BOOTSTRAP": bootstrap,
        "STORE_URL": (folder / "store").as_uri(),
        "PUBLIC_URL": "http://pixmill.test",
        "AUTH": "off",
        "TARGET_KEYS": Fernet.generate_key().decode(),
        "WEBHOOK_MASTER_KEYS": "bench",
        "LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen(  # noqa: ASYNC220 - nothing else goes on yet
        [sys.executable, "-m", "bench.programs.watched_ingest"], env=os.environ | environment
    )
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=600)) as http:
            ingest = WatchedIngest(f"http://127.0.0.1:{port}", process.pid, http)
            await _until_ready(ingest)
            yield ingest
    finally:
        process.kill()
        process.wait()


async def _until_ready(ingest: WatchedIngest) -> None:
    patience = Patience(sessions=lambda: [ingest.pid], seconds=READY_SECONDS)
    while not await _is_ready(ingest):
        if cause := patience.exhausted():
            raise WrongResult(f"ingest is not ready, and {cause}")
        await asyncio.sleep(0.1)


async def _is_ready(ingest: WatchedIngest) -> bool:
    try:
        async with ingest.http.get(f"{ingest.url}/readyz") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False
