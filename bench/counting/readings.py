"""What a stack has done so far: by Postgres's statistics, and by what services tell of the broker."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import aiohttp
import asyncpg

from bench.instruments.cpu import cpu_by_part
from deploy.local.own_stack import OwnStack

Counts = Mapping[str, float]
_BROKER_REQUESTS = re.compile(r'^pixmill_broker_requests_total\{kind="(\w+)"\} (\S+)$', re.MULTILINE)
_OF_POSTGRES = """
    SELECT xact_commit + xact_rollback AS postgres_transactions, tup_returned AS postgres_rows_read
    FROM pg_stat_database WHERE datname = current_database()
"""
PARTS_AROUND = ("status", "kafka", "postgres")
SESSIONS_TELL_SECONDS = 1.5  # a session of Postgres tells its counts once a second; its last may be missing


@dataclass(frozen=True, slots=True)
class Reading:
    """Counts since the start of the stack, by name; CPU in seconds, by part."""

    counts: Counts
    cpu: Counts

    def since(self, before: "Reading") -> "Reading":
        return Reading(_difference(self.counts, before.counts), _difference(self.cpu, before.cpu))

    @property
    def cpu_around(self) -> float:
        """Of what does no work on any image."""
        return sum(self.cpu[part] for part in PARTS_AROUND)


async def read(stack: OwnStack) -> Reading:
    """Looks at a stack that has nothing to do; CPU is looked at before all that this takes itself."""
    cpu = cpu_by_part(stack.endpoints["pids"])
    await asyncio.sleep(SESSIONS_TELL_SECONDS)
    return Reading(counts=await _of_postgres(stack) | await _of_broker(stack), cpu=cpu)


async def _of_postgres(stack: OwnStack) -> dict[str, float]:
    connection = await asyncpg.connect(stack.endpoints["postgres_dsn"])
    try:
        (row,) = await connection.fetch(_OF_POSTGRES)
        return dict(row)
    finally:
        await connection.close()


async def _of_broker(stack: OwnStack) -> dict[str, float]:
    endpoints = stack.endpoints
    urls = {"status": [endpoints["status_url"]], "processor": endpoints["processor_urls"]}
    async with aiohttp.ClientSession() as http:
        return {
            f"{service}_{kind}": count
            for service, its in urls.items()
            for kind, count in _summed([await _requests(http, url) for url in its]).items()
        }


async def _requests(http: aiohttp.ClientSession, url: str) -> Counts:
    async with http.get(f"{url}/metrics") as answer:
        return broker_requests(await answer.text())


def broker_requests(metrics: str) -> Counts:
    """By kind."""
    return {kind: float(count) for kind, count in _BROKER_REQUESTS.findall(metrics)}


def _summed(every: Iterable[Counts]) -> Counts:
    total: dict[str, float] = {}
    for counts in every:
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
    return total


def _difference(after: Counts, before: Counts) -> Counts:
    return {name: count - before.get(name, 0) for name, count in after.items()}
