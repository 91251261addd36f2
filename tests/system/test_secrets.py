"""Canaries, planted where users put their secrets and looked for everywhere a secret must not be."""

import asyncio
import json
from typing import Any

import asyncpg

from services.notifier.listen import LocalReceiver
from shared.contract.events import Topic
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.servers.topics import reader_of

CANARY = "CANARY-b7c1"


async def everything_on_kafka(bootstrap: str) -> str:
    """All values and headers of all topics, dead letters too, up to now."""
    topics = [name for topic in Topic for name in (topic.value, topic.dead_letters)]
    told: list[Any] = []
    async with reader_of(bootstrap, *topics) as reader, asyncio.timeout(DEADLINE_SECONDS):
        ends = await reader.end_offsets(list(reader.assignment()))
        for partition, end in ends.items():
            await reader.seek_to_beginning(partition)
            while await reader.position(partition) < end:
                polled = await reader.getmany(partition, timeout_ms=200)
                told += [(each.value, each.headers) for each in polled.get(partition, ())]
    return repr(told)


async def everything_in_postgres(dsn: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = [await connection.fetch(f'SELECT * FROM "{table["tablename"]}"') for table in tables]
    finally:
        await connection.close()
    return repr([dict(row) for table in rows for row in table])


async def test_no_secret_of_a_webhook_target_is_kept_or_told_anywhere(client: Client, origin: Origin) -> None:
    """R20: not by topics, tables, files, answers or logs; only the receiver gets it. Userinfo and query hold
    canaries; the receiver refuses and is told again.
    """
    stack = client.stack
    async with LocalReceiver("whsec_AAAA").open() as refusing:
        address = refusing.url.replace("http://", f"http://{CANARY}-user:{CANARY}-password@")
        url = f"{address}hook?token={CANARY}&{CANARY}"
        accepted = await client.upload(origin.csv(1), webhook_url=url, idempotency_key="secret-webhook")
        request_id = accepted.body["request_id"]
        await refusing.wait_for(2, DEADLINE_SECONDS)

        async def tried_twice() -> bool:
            return bool((await client.request(request_id))["webhook"]["attempts"] >= 2)

        await until(tried_twice)
    bad = await client.upload(origin.csv(1), webhook_url=f"http://{CANARY}:{CANARY}@[{CANARY}/")
    paths = [f"/v1/requests/{request_id}{part}" for part in ("", "/deliveries", "/events")]
    paths += [f"/status/{request_id}", f"/api/status/{request_id}", "/v1/events?limit=1000"]
    answers = [await client.ask("GET", path) for path in paths]
    seen = {
        "answers": repr([accepted, bad, *answers]),
        "kafka": await everything_on_kafka(stack.endpoints["kafka_bootstrap"]),
        "postgres": await everything_in_postgres(stack.endpoints["postgres_dsn"]),
        "files": repr(
            [file.read_bytes() for file in (stack.data_dir / "files").rglob("*") if file.is_file()]
        ),
        "logs": repr([file.read_bytes() for file in (stack.data_dir / "logs").iterdir()]),
    }
    assert all(request_id in text for text in seen.values())
    assert [place for place, text in seen.items() if CANARY in text] == []
    webhook = (await client.request(request_id))["webhook"]
    assert webhook["url"] == f"{refusing.url}hook?token=***&***"
    keys = json.loads((stack.data_dir / "keys.json").read_text())
    for name in ("target_keys", "webhook_master_keys"):
        assert [place for place, text in seen.items() if keys[name] in text] == []
