"""A dependency that is away delays and says so; nothing is lost and nobody has to restart anything."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from deploy.local.own_stack import OwnStack
from shared.consuming.broker import NewRecord
from shared.kafka import open_producer
from shared.kafka.producer import PUBLISH_SECONDS
from shared.outcomes import Away
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.processes.freezing import freeze_with_children, thaw
from tests.worlds.processes.held_up import longest_share

CALLS = 20
assert CALLS * PUBLISH_SECONDS > DEADLINE_SECONDS


@contextmanager
def frozen(stack: OwnStack, part: str) -> Iterator[None]:
    """Stops a part and all of its children in their tracks, as a hanging disk would."""
    pids = [pid for root in stack.endpoints["pids"][part] for pid in freeze_with_children(root)]
    try:
        yield
    finally:
        thaw(*pids)


async def test_without_a_broker_an_upload_answers_503_and_gives_no_id(client: Client, origin: Origin) -> None:
    with frozen(client.stack, "kafka"):
        refused = await client.upload(origin.csv(1))
        assert refused.status == 503
        assert "Retry-After" in refused.headers
        assert "request_id" not in refused.body

    async def accepts() -> bool:
        return (await client.upload(origin.csv(1))).status == 202

    await until(accepts)


async def test_with_a_broker_frozen_in_mid_dispatch_cancel_and_status_do_not_wait_for_it(
    client: Client, origin: Origin
) -> None:
    """R05: if each of so many calls waited for it, they would hang. No single one does, as
    tests/integration/status_engine/postgres/test_postgres_away.py shows by events.
    """
    request_id = (await client.upload(origin.csv(2_000))).body["request_id"]
    path = f"/v1/requests/{request_id}"

    async def is_begun() -> bool:
        return bool((await client.request(request_id))["counts"]["done"])

    await until(is_begun)
    with frozen(client.stack, "kafka"):
        calls = [("GET", path)] * CALLS
        calls += [("POST", f"{path}/cancel"), ("GET", path), ("GET", f"{path}/images")]
        async with asyncio.timeout(DEADLINE_SECONDS):
            answers = [await client.ask(method, each) for method, each in calls]
        assert {answer.status for answer in answers} <= {200, 202}
    ended = await client.until_ended(request_id)
    assert ended["state"] == "cancelled"
    assert ended["counts"]["done"] + ended["counts"]["failed"] + ended["counts"]["cancelled"] == 2_000


@contextmanager
def unplugged(folder: Path) -> Iterator[None]:
    elsewhere = folder.rename(folder.with_name("unplugged"))
    try:
        yield
    finally:
        if folder.exists():
            folder.rmdir()
        elsewhere.rename(folder)


async def test_without_a_store_an_upload_answers_503_and_gives_no_id(client: Client, origin: Origin) -> None:
    files = Path(client.stack.endpoints["store_url"].removeprefix("file://"))
    with unplugged(files):
        refused = await client.upload(origin.csv(1))
        assert refused.status == 503
        assert "Retry-After" in refused.headers
        assert "request_id" not in refused.body
    accepted = await client.upload(origin.csv(1))
    assert (await client.until_ended(accepted.body["request_id"]))["state"] == "completed"


async def test_without_postgres_uploads_are_accepted_and_status_says_503(
    client: Client, origin: Origin
) -> None:
    """How long a call waits at most is shown in tests/integration/status_api/test_postgres_away.py."""
    with frozen(client.stack, "postgres"):
        accepted = await client.upload(origin.csv(2))
        assert accepted.status == 202
        path = f"/v1/requests/{accepted.body['request_id']}"
        answer = await client.ask_once("GET", path)
        assert answer.status == 503
        assert "Retry-After" in answer.headers

    async def readable() -> bool:
        try:
            answer = await client.ask_once("GET", f"/v1/requests/{accepted.body['request_id']}")
        except aiohttp.ClientError:
            return False
        assert answer.status in (200, 503)  # never 404
        return answer.status == 200

    await until(readable)
    assert (await client.until_ended(accepted.body["request_id"]))["counts"]["done"] == 2


async def test_messages_that_cannot_be_handled_are_put_aside_and_the_next_is_handled(
    client: Client,
    origin: Origin,
) -> None:
    """R09"""
    topics = ["csv.accepted", "image.requested", "image.done", "request.completed", "webhook.attempted"]
    garbage = [
        NewRecord(topic, b"key", value, []) for topic in topics for value in (b"\xff\x00", b"{}", None)
    ]
    async with open_producer(client.stack.endpoints["kafka_bootstrap"], "test") as producer:

        async def are_taken() -> bool:
            """A broker that a test before has frozen names no brokers for a moment, not even itself."""
            try:
                await producer.publish_records(garbage)
            except Away:
                return False
            return True

        await until(are_taken)
    accepted = await client.upload(origin.csv(3))
    assert (await client.until_ended(accepted.body["request_id"]))["counts"]["done"] == 3


async def test_health_answers_stay_quick_while_a_large_upload_is_read(client: Client, origin: Origin) -> None:
    """R05: held up by the upload, one of them would wait for most of it."""
    upload = asyncio.create_task(client.upload(origin.csv(100_000)))
    [ingest] = client.stack.endpoints["pids"]["ingest"]
    assert await longest_share(ingest, client.stack.endpoints["ingest_url"], upload) < 0.25
    accepted = upload.result()
    assert accepted.status == 202

    async def is_cancelled() -> bool:
        """Not before the request is recorded."""
        cancelled = await client.ask("POST", f"/v1/requests/{accepted.body['request_id']}/cancel")
        return cancelled.status == 202

    await until(is_cancelled)
    assert (await client.until_ended(accepted.body["request_id"]))["state"] == "cancelled"
