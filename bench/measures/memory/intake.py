"""How ingest takes large files: the time to its answer, its memory, how late its event loop wakes up."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from bench.figures import Figure, percentile, say
from bench.world.ingest_process import WatchedIngest, own_broker, watched_ingest
from bench.world.shop import Shop
from bench.world.stacks import Stacks

FAST_ROWS, FAST_UPLOADS, WANTED_SECONDS = 100_000, 5, 4.0
HUGE_ROWS, WANTED_MEBIBYTES = 1_000_000, 300
SMALL_ROWS, PAUSE_SECONDS = 20, 0.02
WANTED_BLOCK_MS = 50
IDLE_SECONDS = 3.0


def intake(_: Stacks, __: Shop) -> Sequence[Figure]:
    """It starts no stack: ingest and a broker alone, so that nobody else takes the cores."""
    with (
        tempfile.TemporaryDirectory(prefix="pixmill-bench-", ignore_cleanup_errors=True) as folder,
        own_broker(Path(folder)) as bootstrap,
    ):
        return asyncio.run(_figures(Path(folder), bootstrap))


async def _figures(folder: Path, bootstrap: str) -> Sequence[Figure]:
    async with watched_ingest(folder, bootstrap) as ingest:
        return [*await _fast(ingest), await _huge(ingest)]


async def _fast(ingest: WatchedIngest) -> Sequence[Figure]:
    """One after another, first alone, then with health checks and small uploads beside."""
    with _products(FAST_ROWS) as data:
        await _uploads(ingest, data, 1)
        await ingest.lateness()
        await asyncio.sleep(IDLE_SECONDS)
        idle = await ingest.lateness()
        alone = await _uploads(ingest, data, FAST_UPLOADS)
        late = await ingest.lateness()
        accompanied = asyncio.create_task(_uploads(ingest, data, FAST_UPLOADS))
        small = _csv(0, SMALL_ROWS)
        health, small_uploads = await asyncio.gather(
            _meanwhile(accompanied, ingest.health),
            _meanwhile(accompanied, lambda: ingest.upload(BytesIO(small), SMALL_ROWS)),
        )
        beside = await ingest.lateness()
    about = {
        "wanted": WANTED_SECONDS,
        "n": FAST_UPLOADS,
        "max": max(alone),
        "beside_others": await accompanied,
    }
    loop = {
        "wanted": WANTED_BLOCK_MS,
        "idle": idle.told(),  # before any upload: how quiet the machine is
        "alone": late.told(),
        "beside_others": beside.told(),
        "livez_max": max(health) * 1000,
        "small_upload_max": max(small_uploads) * 1000,
    }
    return [
        Figure("upload_answer_100000_rows_s", percentile(alone, 50), "s", about),
        Figure("ingest_event_loop_blocked_ms", max(late.most_ms, beside.most_ms), "ms", loop),
    ]


async def _huge(ingest: WatchedIngest) -> Figure:
    say(f"an upload of {HUGE_ROWS:,} rows")
    with _products(HUGE_ROWS) as data:
        ingest.forget_peak()
        (seconds,) = await _uploads(ingest, data, 1, HUGE_ROWS)
    late = await ingest.lateness()
    about = {"wanted": WANTED_MEBIBYTES, "seconds": seconds, "loop_blocked_ms": late.told()}
    return Figure("ingest_peak_1000000_rows_mib", ingest.peak_mebibytes(), "MiB", about)


async def _uploads(ingest: WatchedIngest, data: Path, times: int, rows: int = FAST_ROWS) -> list[float]:
    seconds = []
    for _ in range(times):
        with data.open("rb") as file:
            seconds.append(await ingest.upload(file, rows))
    return seconds


async def _meanwhile(task: asyncio.Task[list[float]], call: Callable[[], Awaitable[float]]) -> list[float]:
    seconds = [await call()]
    while not task.done():
        seconds.append(await call())
        await asyncio.sleep(PAUSE_SECONDS)
    return seconds


@contextmanager
def _products(rows: int) -> Iterator[Path]:
    """Two addresses a row, none of them twice."""
    with tempfile.NamedTemporaryFile(prefix="pixmill-bench-", suffix=".csv") as file:
        for first in range(0, rows, FAST_ROWS):
            file.write(_csv(first, min(FAST_ROWS, rows - first)))
        file.flush()
        yield Path(file.name)


def _csv(first: int, rows: int) -> bytes:
    header = b"" if first else b"S. No.,Product Name,Input Image Urls\r\n"
    return header + b"".join(
        b'%d,Product %d,"https://img.example/%d/front.jpg,https://img.example/%d/back.jpg"\r\n' % (n, n, n, n)
        for n in range(first + 1, first + rows + 1)
    )
