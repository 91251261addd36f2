"""Kill -9 of each part in mid-request: the same end state, nothing lost, nothing twice in the tables."""

import asyncio
import csv
import io
import os
import signal
import uuid

import aiohttp
import asyncpg
import pytest

from services.notifier.listen import LocalReceiver
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.patience import DEADLINE_SECONDS, until

IMAGES = 240


@pytest.mark.parametrize("victim", ["status", "processor", "notifier", "kafka", "postgres"])
async def test_a_part_killed_in_mid_request_changes_nothing_in_the_end(
    client: Client,
    origin: Origin,
    receiver: LocalReceiver,
    victim: str,
) -> None:
    """R09 R23"""
    origin.hold(after=IMAGES // 2)
    accepted = await client.upload(origin.csv(IMAGES), webhook_url=receiver.url)
    request_id = accepted.body["request_id"]

    async def under_way() -> bool:
        return bool((await client.request(request_id))["counts"]["done"] >= 20)

    await until(under_way)
    for pid in client.stack.endpoints["pids"][victim]:
        os.kill(pid, signal.SIGKILL)
    origin.release()
    ended = await client.until_ended(request_id)
    assert ended["state"] == "completed"
    assert ended["counts"]["done"] == IMAGES
    await _assert_tables_are_exact(client, request_id)
    output = await client.get(ended["output_csv_url"])
    rows = list(csv.DictReader(io.StringIO(output.body.decode())))
    assert len({row["Output Image Urls"] for row in rows}) == IMAGES
    deliveries = await receiver.wait_for(1, DEADLINE_SECONDS)
    assert {delivery.problem for delivery in deliveries} == {None}
    assert len({(delivery.webhook_id, delivery.body) for delivery in deliveries}) == 1


async def test_ingest_killed_under_an_upload_is_repeated_with_the_same_key(
    client: Client, origin: Origin
) -> None:
    key = str(uuid.uuid4())
    text = origin.csv(200)
    uploads = [asyncio.create_task(client.upload(text, idempotency_key=key)) for _ in range(3)]
    await asyncio.sleep(0)
    for pid in client.stack.endpoints["pids"]["ingest"]:
        os.kill(pid, signal.SIGKILL)
    await asyncio.gather(*uploads, return_exceptions=True)
    ids: set[str] = set()

    async def accepted() -> bool:
        try:
            answer = await client.upload(text, idempotency_key=key)
        except aiohttp.ClientError:
            return False
        ids.update({answer.body["request_id"]} if answer.status == 202 else set())
        return len(ids) == 1

    await until(accepted)
    for upload in uploads:
        if upload.exception() is None and upload.result().status == 202:
            ids.add(upload.result().body["request_id"])
    (request_id,) = ids
    ended = await client.until_ended(request_id)
    assert ended["counts"]["done"] == 200
    await _assert_tables_are_exact(client, request_id)


async def _assert_tables_are_exact(client: Client, request_id: str) -> None:
    connection = await asyncpg.connect(client.stack.endpoints["postgres_dsn"])
    try:
        row = await connection.fetchrow(
            """SELECT r.images, r.done, r.failed, r.in_flight,
                      (SELECT count(*) FROM images i WHERE i.request_id = r.id AND i.state = 'done') AS rows,
                      (SELECT count(*) FROM completions c WHERE c.request_id = r.id) AS completions
               FROM requests r WHERE r.id = $1""",
            request_id,
        )
    finally:
        await connection.close()
    assert row is not None
    assert (row["done"], row["failed"], row["in_flight"]) == (row["images"], 0, 0)
    assert (row["rows"], row["completions"]) == (row["images"], 1)
