"""500 listeners to the progress of one request: how late each sees it, and what that costs status."""

import asyncio
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from bench.figures import Figure, WrongResult, percentile
from bench.instruments.cpu import tree_seconds
from bench.instruments.process_memory import resident_bytes
from bench.world.shop import Shop
from bench.world.stacks import Stacks

LISTENERS = 500
CHANGES = 200
CHANGE_SECONDS = 0.1
SETTLE_SECONDS = 3.0

# A request that is in work for as long as nobody changes its row: all planned, nothing in flight.
_INSERT = """
INSERT INTO requests (id, tenant, priority, filename, columns, quality, format, source_key, source_bytes,
                      source_sha256, rows_key, created_at, products, images, planned_at, state, deadline_at)
VALUES ($1, 'local', 'normal', 'p.csv', '[]', 50, 'keep', '', 0, '', '', now(), 1, $2, now(), 'processing',
        now() + interval '1 day')
"""
_COUNT = "UPDATE requests SET done = $2 WHERE id = $1"
_END = "DELETE FROM requests WHERE id = $1"  # it has no files to end with; whoever listens is let go


@dataclass(frozen=True, slots=True)
class Listened:
    lags_ms: Sequence[float]
    cores: float
    bytes_per_listener: float


def listeners(stacks: Stacks, _: Shop) -> Sequence[Figure]:
    """Every listener and every change count: from the commit to the first frame that has it."""
    with stacks.open() as stack:
        listened = asyncio.run(_listened(stack.endpoints))
    lags = listened.lags_ms
    about = {"listeners": LISTENERS, "changes_per_second": 1 / CHANGE_SECONDS}
    spread = {"n": len(lags), "p50": percentile(lags, 50), "p99": percentile(lags, 99), "max": max(lags)}
    return [
        Figure("event_stream_lag_ms", percentile(lags, 99), "ms", {"wanted": 1_000, **spread, **about}),
        Figure("event_stream_cores", listened.cores, "cores", {"wanted": 0.5, **about}),
        Figure("event_stream_bytes_per_listener", listened.bytes_per_listener, "bytes", about),
    ]


async def _listened(endpoints: Mapping[str, Any]) -> Listened:
    (pid,) = endpoints["pids"]["status"]
    request_id = uuid.uuid4()
    connection = await asyncpg.connect(endpoints["postgres_dsn"])
    await connection.execute(_INSERT, request_id, CHANGES + 1)
    before_bytes = resident_bytes(pid)
    with _listening(f"{endpoints['url']}/v1/requests/{request_id}/events") as process:
        await asyncio.sleep(SETTLE_SECONDS)
        grown_bytes = resident_bytes(pid) - before_bytes
        cpu, began = tree_seconds(pid), time.monotonic()
        commits = [await _change(connection, request_id, number) for number in range(1, CHANGES + 1)]
        cores = (tree_seconds(pid) - cpu) / (time.monotonic() - began)
        await connection.execute(_END, request_id)
        output, _ = await asyncio.to_thread(process.communicate, timeout=30)
    await connection.close()
    return Listened(list(_lags_ms(json.loads(output), commits)), cores, grown_bytes / LISTENERS)


async def _change(connection: "asyncpg.Connection[Any]", request_id: uuid.UUID, number: int) -> float:
    await connection.execute(_COUNT, request_id, number)
    committed = time.monotonic()
    await asyncio.sleep(CHANGE_SECONDS)
    return committed


def _lags_ms(seen: Sequence[Sequence[tuple[float, int]]], commits: Sequence[float]) -> Iterator[float]:
    if len(seen) != LISTENERS:
        raise WrongResult(f"{len(seen)} of {LISTENERS} listeners were heard")
    for frames in seen:
        arrivals = iter(frames)
        arrived, done = next(arrivals, (0.0, 0))
        for number, committed in enumerate(commits, 1):
            while done < number:
                arrived, done = next(arrivals, (0.0, len(commits) + 1))
            if not arrived:
                raise WrongResult(f"a listener never saw change {number}")
            yield (arrived - committed) * 1000


@contextmanager
def _listening(url: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.programs.listening", url, str(LISTENERS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()
