"""docker-compose.yml and deploy/k8s, each container run as a process: from upload to output at the gateway,
a rolling change under load, a backup and its return.
"""

import asyncio
import io
import json
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from deploy.local.free_ports import free_port
from deploy.local.servers.gateway import Gateway
from deploy.local.servers.postgres import binary_of_server
from services.notifier.listen import LocalReceiver
from tests.system.deployment import Deployment, deployment, newer
from tests.system.gateway import gateway
from tests.system.origin import Origin
from tests.worlds.deployment.deployed import SERVICES, Deployed
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.servers.collector import Collector, collector

ROLLED = {service: free_port() for service in SERVICES}


@pytest.fixture(scope="module")
def traces() -> Iterator[Collector]:
    with collector() as running:
        yield running


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, traces: Collector) -> Iterator[Deployment]:
    with deployment(tmp_path_factory.mktemp("deployment"), traces.url) as running:
        yield running


@pytest.fixture(scope="module")
def front(deployed: Deployment) -> Iterator[Gateway]:
    """Each name leads to two addresses, as it does while a service is being replaced."""
    ingest, status = (f"{deployed.url(name)} 127.0.0.1:{ROLLED[name]}" for name in ("ingest", "status"))
    with gateway(deployed.folder / "gateway", ingest, status) as running:
        yield running


@pytest.fixture
async def shop(deployed: Deployment, front: Gateway) -> AsyncIterator["Shop"]:
    key = (deployed.folder / "new-key.log").read_text().split()[-1]
    async with aiohttp.ClientSession(
        front.url, headers={"X-API-Key": key}, timeout=aiohttp.ClientTimeout(total=DEADLINE_SECONDS)
    ) as http:
        yield Shop(http)


class Shop:
    """A client that repeats what was cut off, with its Idempotency-Key, and nothing else."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http
        self.failed: list[str] = []

    async def upload(self, text: str, traceparent: str = "", **fields: str) -> str:
        headers = {"Idempotency-Key": uuid4().hex} | ({"traceparent": traceparent} if traceparent else {})
        while True:
            form = aiohttp.FormData()
            form.add_field("file", io.BytesIO(text.encode()), filename="p.csv", content_type="text/csv")
            for name, value in fields.items():
                form.add_field(name, value)
            answer = await self._call("POST", "/v1/requests", headers=headers, data=form)
            if answer is not None:
                request_id: str = json.loads(answer)["request_id"]
                return request_id

    async def got(self, path: str) -> bytes:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while (answer := await self._call("GET", path)) is None:
                pass
        return answer

    async def request(self, request_id: str) -> dict[str, Any]:
        request: dict[str, Any] = json.loads(await self.got(f"/v1/requests/{request_id}"))
        return request

    async def ended(self, request_id: str) -> dict[str, Any]:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while (request := await self.request(request_id))["completed_at"] is None:
                await asyncio.sleep(0.1)
        return request

    async def _call(self, method: str, path: str, **options: Any) -> bytes | None:
        """None for a connection that was reset, or that the gateway says was: a repeat is safe."""
        try:
            async with self.http.request(method, path, **options) as answer:
                body = await answer.read()
                if answer.status < 300:
                    return body
                if answer.status != 503 or "Retry-After" not in answer.headers:
                    self.failed.append(f"{method} {path}: {answer.status} {body!r}")
        except aiohttp.ClientConnectionError:
            pass
        await asyncio.sleep(0.1)
        return None


async def test_the_services_were_there_before_anything_they_need_and_none_had_to_be_restarted(
    deployed: Deployment,
) -> None:
    """R23"""
    assert {name: child.status() for name, child in deployed.running.items()} == dict.fromkeys(SERVICES)


async def test_an_upload_through_the_gateway_ends_with_files_in_the_bucket(
    deployed: Deployment, shop: Shop, origin: Origin
) -> None:
    """R08 R23 R25"""
    request_id = await shop.upload(origin.csv(3, images_each=2))
    ended = await shop.ended(request_id)
    assert (ended["state"], ended["counts"]["done"]) == ("completed", 6)
    assert await shop.got(f"/v1/requests/{request_id}/output.csv")
    bucket = deployed.folder / "files" / "pixmill" / "requests" / request_id
    assert len(list((bucket / "output").iterdir())) == 6
    assert shop.failed == []


HANDLED = {
    *[("pixmill-ingest", "ingest upload"), ("pixmill-status", "status csv.accepted")],
    *[("pixmill-processor", "processor image.requested"), ("pixmill-status", "status image.done")],
    *[("pixmill-notifier", "notifier request.completed"), ("pixmill-status", "status webhook.attempted")],
}


async def test_one_trace_leads_from_the_upload_through_kafka_to_the_webhook(
    deployed: Deployment, shop: Shop, origin: Origin, traces: Collector
) -> None:
    """R21: as a collector sees it, and without a word of what is fetched or where it is told."""
    trace_id, canary = token_hex(16), token_hex(8)
    text = f"S. No.,Product Name,Input Image Urls\n1,A,{origin.base}/{canary}.jpg?token={canary}\n"
    secret = json.loads(await shop.got("/v1/webhooks/secret"))["secret"]
    async with LocalReceiver(secret).open() as receiver:
        request_id = await shop.upload(
            text, f"00-{trace_id}-{token_hex(8)}-01", webhook_url=f"{receiver.url}?token={canary}"
        )
        await shop.ended(request_id)
        (delivery,) = await receiver.wait_for(1, DEADLINE_SECONDS)
        assert delivery.problem is None

    async def has_come() -> bool:
        return {(span.service, span.name) for span in traces.of_trace(trace_id)} >= HANDLED

    await until(has_come)
    seen = traces.of_trace(trace_id)
    assert all(span.parent_id for span in seen)
    assert canary not in str(seen)
    logs = deployed.folder.glob("*.log")
    assert [log.name for log in logs if f"token={canary}" in log.read_text()] == []


async def test_without_a_key_nobody_gets_in(front: Gateway) -> None:
    """R20"""
    async with aiohttp.ClientSession(front.url) as http, http.get("/v1/requests") as answer:
        assert answer.status == 401


async def test_each_service_is_replaced_in_turn_under_load_and_nobody_notices(
    deployed: Deployment, shop: Shop, origin: Origin
) -> None:
    """R23: old and new side by side, the old drained by SIGTERM; the new as Kubernetes starts them."""
    origin.delay_seconds = 0.05
    done = asyncio.Event()
    uploaded: list[str] = []

    async def keep_uploading() -> None:
        while not done.is_set():
            uploaded.append(await shop.upload(origin.csv(5)))
            for request_id in uploaded[-3:]:
                await shop.request(request_id)
            await asyncio.sleep(0.2)

    load = asyncio.create_task(keep_uploading())
    for service in SERVICES:
        old = deployed.running[service]
        replacement = f"{service}-new"
        deployed.launch(newer(service), ROLLED[service], replacement)
        await asyncio.to_thread(deployed.wait_until_ready, replacement, ROLLED[service])
        os.kill(old.pid, signal.SIGTERM)
        await until(lambda: _has_ended(old))  # noqa: B023 - used at once
        assert old.status() == 0, old.last_words()
        deployed.running[service] = deployed.running.pop(replacement)
    done.set()
    await load
    assert len(uploaded) >= len(SERVICES)
    for request_id in uploaded:
        ended = await shop.ended(request_id)
        assert (ended["state"], ended["counts"]["done"]) == ("completed", 5)
    assert shop.failed == []
    await _completions_are_one_each(deployed, uploaded)


async def _has_ended(child: Any) -> bool:
    return child.status() is not None


async def _completions_are_one_each(deployed: Deployment, uploaded: list[str]) -> None:
    sql = "SELECT request_id::text FROM completions WHERE request_id = ANY ($1::uuid[])"
    rows = await _asked(deployed, sql, uploaded)
    assert sorted(row["request_id"] for row in rows) == sorted(uploaded)


async def _asked(deployed: Deployment, sql: str, *arguments: object) -> Any:
    connection = await asyncpg.connect(deployed.changed["POSTGRES_DSN"])
    try:
        return await connection.fetch(sql, *arguments)
    finally:
        await connection.close()


async def test_a_restored_backup_and_a_replay_bring_back_what_came_since(
    deployed: Deployment, shop: Shop, origin: Origin
) -> None:
    """R23: the commands of docs/operations.md, in their order."""
    before = await shop.upload(origin.csv(4))
    await shop.ended(before)
    dump, dsn = deployed.folder / "pixmill.dump", deployed.changed["POSTGRES_DSN"]
    since = datetime.now(UTC) - timedelta(seconds=60)
    await _postgres_tool("pg_dump", "--format=custom", f"--file={dump}", dsn)
    after = await shop.upload(origin.csv(6) + f"7,Gone,{origin.base}/missing.jpg\n")
    known = await shop.ended(after)
    wanted = await _facts(deployed)

    await asyncio.to_thread(deployed.stop_all)
    await _postgres_tool("psql", dsn, "-c", "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await _postgres_tool("pg_restore", "--no-owner", f"--dbname={dsn}", str(dump))
    assert await _asked(deployed, "SELECT 1 FROM requests WHERE id = $1", after) == []
    for topic in ("csv.accepted", "image.done", "webhook.attempted"):
        group = f"status-{topic.replace('.', '-')}"
        command = ("python", "-m", "shared.rewind", group, topic, "--since", since.isoformat())
        told = Deployed(command, {"KAFKA_BOOTSTRAP": ""})
        await asyncio.to_thread(deployed.run, f"rewind-{group}", told)
    deployed.launch_all()
    await asyncio.to_thread(deployed.wait_for_all)

    async def is_back() -> bool:
        ended = "SELECT 1 FROM requests WHERE completed_at IS NOT NULL AND id = $1"
        return bool(await _asked(deployed, ended, after))

    await until(is_back)
    assert (await shop.ended(after))["counts"] == known["counts"]
    assert await _facts(deployed) == wanted


async def _facts(deployed: Deployment) -> Any:
    """What no restore may change: states, results, and the ids of the events that told of them."""
    images = await _asked(
        deployed, "SELECT request_id, ordinal, state, code, output_key FROM images_now ORDER BY 1, 2"
    )
    events = await _asked(deployed, "SELECT event_id, request_id, run FROM completions ORDER BY 2, 3")
    return [tuple(row) for row in (*images, *events)]


async def _postgres_tool(name: str, *arguments: str) -> None:
    command = [str(binary_of_server(name)), *arguments]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
