"""A stopped broker, a full disk: a clear 503, nothing piles up, nothing has to be restarted."""

import asyncio
import shlex
import sys
from pathlib import Path

import httpx

from tests.worlds.services.ingest_service import (
    INGEST,
    Broker,
    IngestProcess,
    rows,
    running_ingest,
    wait_for_readiness,
)

AT_ONCE, ROUNDS = 10, 2
GROWTH_MEBIBYTES = 20  # far below what the uploads of a round hold
LARGE = rows(12_000)  # 0.9 MB, which stays in memory while it is read
LIMIT_KIBIBYTES = 256
STORE_BYTES = 80 * 1024 * 1024


def resident_mebibytes(ingest: IngestProcess) -> int:
    status = Path(f"/proc/{ingest.process.pid}/status").read_text().split()
    return int(status[status.index("VmRSS:") + 1]) // 1024


async def round_of_uploads(ingest: IngestProcess, name: str) -> list[httpx.Response]:
    return await asyncio.gather(*(ingest.post(LARGE, f"{name}-{number}") for number in range(AT_ONCE)))


async def test_a_stopped_broker_costs_no_memory_and_is_used_again_by_itself(
    broker: Broker, ingest: IngestProcess
) -> None:
    """R01, R18"""
    assert {answer.status_code for answer in await round_of_uploads(ingest, "before")} == {202}
    at_work = resident_mebibytes(ingest)
    await asyncio.to_thread(broker.server.stop)
    try:
        for number in range(ROUNDS):
            answers = await round_of_uploads(ingest, f"away{number}")
            assert {answer.status_code for answer in answers} == {503}
            assert {"retry-after" in answer.headers for answer in answers} == {True}
            assert {"same Idempotency-Key" in answer.json()["error"] for answer in answers} == {True}
        assert resident_mebibytes(ingest) < at_work + GROWTH_MEBIBYTES
        await wait_for_readiness(ingest, 503)
        assert "broker" in (await ingest.http.get("/readyz")).json()["reasons"]
        assert (await ingest.http.get("/livez")).status_code == 200
    finally:
        broker.server.start()
        await asyncio.to_thread(broker.server.wait_until_ready)
    await wait_for_readiness(ingest, 200)
    assert {answer.status_code for answer in await round_of_uploads(ingest, "away0")} == {202}


async def test_a_full_disk_is_a_503_that_leaves_nothing_in_the_store(broker: Broker, tmp_path: Path) -> None:
    """R20, R22: no file may grow, which is how a full disk looks to whoever writes."""
    command = f"ulimit -f {LIMIT_KIBIBYTES} && exec {shlex.quote(sys.executable)} -m services.ingest"
    uploads = {"source": LARGE, "rows": rows(2_500), "spool": rows(60_000)}
    assert len(uploads["rows"]) < LIMIT_KIBIBYTES * 1024 < len(uploads["source"])
    async with running_ingest(broker, tmp_path / "store", ("bash", "-c", command)) as ingest:
        for name, csv in uploads.items():
            answer = await ingest.post(csv, name)
            assert (answer.status_code, "retry-after" in answer.headers) == (503, True), name
            assert [path for path in (ingest.store / "requests").rglob("*") if path.is_file()] == [], name
        assert (await ingest.post(rows(5))).status_code == 202
        await wait_for_readiness(ingest, 200)


async def test_a_full_store_is_called_full_and_says_how_much_is_needed(
    broker: Broker, tmp_path: Path
) -> None:
    """R22: on a disk of its own, which is filled from outside."""
    store = tmp_path / "store"
    store.mkdir()
    mount = f'mount -t tmpfs -o size={STORE_BYTES} none "{store}" && exec "$@"'
    own_disk = ("unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh", *INGEST)
    async with running_ingest(broker, store, own_disk) as ingest:
        inside = Path(f"/proc/{ingest.process.pid}/root{store}")
        await asyncio.to_thread((inside / "filler").write_bytes, bytes(STORE_BYTES - len(LARGE)))
        await wait_for_readiness(ingest, 503)
        assert "64 MiB are needed" in (await ingest.http.get("/readyz")).json()["reasons"]["store"]
        answer = await ingest.post(LARGE)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert answer.json()["error"].startswith("The store's disk is full (")
        (inside / "filler").unlink()
        await wait_for_readiness(ingest, 200)
        assert (await ingest.post(LARGE)).status_code == 202
