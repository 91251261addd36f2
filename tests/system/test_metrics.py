"""R21: what every service shows on /metrics of the real stack, and what scaling is told."""

import asyncio
import re
import subprocess
from collections.abc import Mapping

from shared.observing.metrics import METRICS
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.patience import until

UNBOUNDED = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|https?:|127\.0\.0\.1|/v1/requests/[0-9a-f]")


def addresses(client: Client) -> Mapping[str, str]:
    endpoints = client.stack.endpoints
    return {
        "ingest": endpoints["ingest_url"],
        "status": endpoints["status_url"],
        "processor": endpoints["processor_urls"][0],
        "notifier": endpoints["notifier_urls"][0],
    }


async def scraped(client: Client, service: str) -> str:
    answer = await client.get(f"{addresses(client)[service]}/metrics")
    assert answer.status == 200
    text: str = answer.body.decode()
    return text


def complaints(text: str) -> str:
    """What promtool has to say about metrics; nothing is what is wanted."""
    check = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    return check.stdout + check.stderr


async def test_every_service_shows_its_own_metrics_and_promtool_finds_nothing_wrong(
    client: Client, origin: Origin
) -> None:
    """R21"""
    accepted = await client.upload(origin.csv(6))
    await client.until_ended(accepted.body["request_id"])
    await client.ask("GET", "/v1/requests/not-a-uuid")
    await client.inside("status", "/nowhere/at/all")
    for service, expected in METRICS.items():
        text = await scraped(client, service)
        described = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
        assert {metric._name for metric in expected} <= {name.removesuffix("_total") for name in described}
        assert await asyncio.to_thread(complaints, text) == "", service
        assert UNBOUNDED.search(text) is None, service


async def test_an_image_counts_where_it_was_worked_on(client: Client, origin: Origin) -> None:
    """R21"""
    accepted = await client.upload(origin.csv(8) + f"9,Gone,{origin.base}/missing.jpg\n")
    await client.until_ended(accepted.body["request_id"])
    urls = client.stack.endpoints["processor_urls"]
    texts = [(await client.get(f"{url}/metrics")).body.decode() for url in urls]
    assert any('pixmill_images_total{code="http_4xx",outcome="failed"}' in text for text in texts)
    done = [
        float(n)
        for text in texts
        for n in re.findall(r'_images_total{code="none",outcome="done"} (\S+)', text)
    ]
    assert sum(done) >= 8
    assert any('pixmill_image_stage_seconds_count{stage="fetch"}' in text for text in texts)

    async def is_counted() -> bool:
        """A moment after its end is to be seen."""
        ended = await scraped(client, "status")
        return re.search(r'pixmill_requests_ended_total{state="completed"} [1-9]', ended) is not None

    await until(is_counted)


async def test_the_backlog_grows_with_an_upload_wants_processors_and_goes_back(
    client: Client, origin: Origin
) -> None:
    """R23"""
    origin.delay_seconds = 1.0
    accepted = await client.upload(origin.csv(2_000))
    before = await client.inside("status", "/internal/backlog")
    assert set(before.body) == {"open_images", "images_per_second_per_processor", "processors_wanted"}

    async def has_grown() -> bool:
        backlog = (await client.inside("status", "/internal/backlog")).body
        return bool(backlog["open_images"] >= 300 and backlog["processors_wanted"] >= 1)

    await until(has_grown)
    assert re.search(r"^pixmill_backlog_images [1-9]", await scraped(client, "status"), re.MULTILINE)
    origin.delay_seconds = 0.0
    await client.ask("POST", f"/v1/requests/{accepted.body['request_id']}/cancel")
    await client.until_ended(accepted.body["request_id"])

    async def is_empty() -> bool:
        return bool((await client.inside("status", "/internal/backlog")).body["open_images"] == 0)

    await until(is_empty)
