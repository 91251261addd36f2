"""What a third party sees of one request, on every channel there is."""

import asyncio
import json
import re
from typing import Any

import aiohttp
from standardwebhooks import Webhook

from services.notifier.listen import LocalReceiver
from shared.contract.events import Topic
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.servers.topics import reader_of

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def told_of(bootstrap: str, request_id: str, topics: set[Topic]) -> list[Any]:
    """What the topics tell of one request, once each of these has told something."""
    found: list[Any] = []
    async with reader_of(bootstrap, *Topic) as reader, asyncio.timeout(DEADLINE_SECONDS):
        while not topics <= {message.topic for message in found}:
            message = await reader.getone()
            found += [message] if request_id.encode() in (message.value or b"") else []
    return found


def headers(message: Any) -> dict[str, str]:
    return {name: value.decode() for name, value in message.headers}


async def test_one_trace_goes_from_the_upload_to_the_webhook(client: Client, origin: Origin) -> None:
    """R21 R26: through every topic, a refused and a repeated delivery included."""
    async with LocalReceiver("whsec_AAAA").open() as refusing:
        accepted = await client.upload(origin.csv(1), webhook_url=refusing.url, traceparent=TRACE)
        first, second = (await refusing.wait_for(2, DEADLINE_SECONDS))[:2]
        story = await told_of(
            client.stack.endpoints["kafka_bootstrap"], accepted.body["request_id"], {*Topic}
        )
    assert {message.topic: headers(message).get("traceparent") for message in story} == dict.fromkeys(
        Topic, TRACE
    )
    assert [first.headers["traceparent"], second.headers["traceparent"]] == [TRACE, TRACE]
    assert (first.body, first.webhook_id) == (second.body, second.webhook_id)


async def test_an_upload_without_a_trace_is_given_one(
    client: Client, origin: Origin, receiver: LocalReceiver
) -> None:
    """R21"""
    for wrong in (None, "nonsense"):
        await client.upload(origin.csv(1), webhook_url=receiver.url, traceparent=wrong)
    traces = {each.headers["traceparent"] for each in await receiver.wait_for(2, DEADLINE_SECONDS)}
    assert len(traces) == 2
    assert all(re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", trace) for trace in traces)


async def last_server_sent_event(client: Client, request_id: str) -> dict[str, str]:
    url = f"{client.stack.endpoints['url']}/v1/requests/{request_id}/events"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        blocks = (await answer.text()).strip().split("\n\n")
    return dict(line.split(": ", 1) for line in blocks[-1].splitlines())


async def test_one_id_is_on_all_four_channels(
    client: Client, origin: Origin, receiver: LocalReceiver
) -> None:
    """R16 R26: Kafka, webhook, server-sent events and the feed tell one event, with the same bytes."""
    accepted = await client.upload(origin.csv(1), webhook_url=receiver.url)
    request_id = accepted.body["request_id"]
    streamed = await last_server_sent_event(client, request_id)
    (delivery,) = await receiver.wait_for(1, DEADLINE_SECONDS)
    feed = await client.ask("GET", "/v1/events?limit=1000")
    (listed,) = [item for item in feed.body["items"] if item["data"]["request_id"] == request_id]
    story = await told_of(client.stack.endpoints["kafka_bootstrap"], request_id, {Topic.REQUEST_COMPLETED})
    (published,) = [message for message in story if message.topic == Topic.REQUEST_COMPLETED]
    assert streamed["event"] == "request.completed"
    ids = [headers(published)["ce_id"], delivery.webhook_id, listed["id"], streamed["id"]]
    assert ids == [ids[0]] * 4
    assert published.value == delivery.body
    assert Webhook(await client.webhook_secret()).verify(delivery.body, delivery.headers) == json.loads(
        published.value
    )
    assert listed["data"] == json.loads(published.value)
