"""The notifier as a process on a real broker: deliveries, hanging receivers, kill -9, and what leaks."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from deploy.local.free_ports import free_port
from services.notifier.listen import LocalReceiver
from shared.consuming.handling import Outgoing
from shared.contract.events import (
    TARGET_HEADER,
    TENANT_HEADER,
    Event,
    RequestCompleted,
    RequestState,
    Topic,
    WebhookAttempted,
    WebhookRetry,
)
from shared.contract.groups import TOPICS_OF, Group
from shared.contract.targets import TargetKeyring
from shared.contract.webhook_secret import signing_secret
from shared.kafka import open_producer
from shared.kafka.topics import ensure_topics
from shared.topics import wanted_topics
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.servers.topics import make_anew, reader_of

TARGET_KEY = Fernet.generate_key().decode()
MASTER_KEY = "CANARY-MASTER-KEY"
SECRET = signing_secret(SecretStr(MASTER_KEY), "acme")
KEYRING = TargetKeyring([SecretStr(TARGET_KEY)])
PATIENT = "tests.integration.notifier.patient_service"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass
class NotifierProcess:
    """One process; its state is the broker's alone."""

    bootstrap: str
    log: Path
    module: str = "services.notifier"
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "KAFKA_BOOTSTRAP": self.bootstrap,
            "KAFKA_INSTANCE_ID": "notifier-test",
            "TARGET_KEYS": TARGET_KEY,
            "WEBHOOK_MASTER_KEYS": MASTER_KEY,
            "ALLOW_HOSTS": "127.0.0.0/8",
        }
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self.module, env=environment, stdout=log, stderr=log
            )

    async def start_until_ready(self) -> None:
        await self.start()
        async with asyncio.timeout(DEADLINE_SECONDS), aiohttp.ClientSession() as session:
            while not await self._is_ready(session):
                await asyncio.sleep(0.05)

    async def end(self, *, kill: bool = False) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill() if kill else self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), DEADLINE_SECONDS)

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, self.log.read_text()
        try:
            async with session.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def reasons(self) -> dict[str, str]:
        """Why it is not ready, once it answers."""
        async with asyncio.timeout(DEADLINE_SECONDS), aiohttp.ClientSession() as session:
            while True:
                with suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                        told: dict[str, str] = (await answer.json())["reasons"]
                        return told
                await asyncio.sleep(0.05)


@asynccontextmanager
async def running(
    bootstrap: str, folder: Path, module: str = "services.notifier"
) -> AsyncIterator[NotifierProcess]:
    wanted = wanted_topics(6)
    await ensure_topics(bootstrap, wanted, 1)
    # Empty: what a killed one of another test has not committed would hold the places of this test's.
    await make_anew(bootstrap, [topic for topic in wanted if topic.name in TOPICS_OF[Group.NOTIFIER]])
    notifier = NotifierProcess(bootstrap, folder / "notifier.log", module)
    try:
        await notifier.start_until_ready()
        yield notifier
    finally:
        await notifier.end()


def completion(request_id: UUID) -> RequestCompleted:
    return RequestCompleted(
        request_id=request_id,
        timestamp=datetime.now(UTC),
        run=1,
        status=RequestState.COMPLETED,
        message="Grüße",
        output_csv_url=None,
        data={"request_id": str(request_id)},
    )


def asked(event: Event, url: str, time: datetime | None = None, tenant: str = "acme") -> Outgoing:
    headers = {TARGET_HEADER: KEYRING.seal(url), TENANT_HEADER: tenant, "traceparent": TRACE}
    return Outgoing(event, time or datetime.now(UTC), headers)


async def publish(bootstrap: str, messages: Sequence[Outgoing]) -> None:
    async with open_producer(bootstrap, "status") as producer:
        await producer.publish(messages)


async def attempts(bootstrap: str, requests: set[UUID], count: int) -> list[WebhookAttempted]:
    """What the notifier said of these requests, once it is so much."""
    found: list[WebhookAttempted] = []
    async with reader_of(bootstrap, Topic.WEBHOOK_ATTEMPTED) as reader, asyncio.timeout(DEADLINE_SECONDS):
        while len(found) < count:
            message = await reader.getone()
            assert b"CANARY" not in message.value
            event = WebhookAttempted.parse(message.value)
            found += [event] if event.request_id in requests else []
    return found


async def test_a_completion_becomes_a_signed_post_and_an_answer_and_nothing_leaks(
    kafka: str, tmp_path: Path
) -> None:
    """R16, R17, R20: canaries in the target and in the master key reach the receiver only."""
    event = completion(uuid4())
    async with LocalReceiver(SECRET).open() as receiver, running(kafka, tmp_path) as notifier:
        url = receiver.url.replace("http://", "http://user:CANARY@") + "hook?token=CANARY"
        message = asked(event, url)
        await publish(kafka, [message])
        (delivery,) = await receiver.wait_for(1, DEADLINE_SECONDS)
        (attempt,) = await attempts(kafka, {event.request_id}, 1)
        assert await notifier.end() == 0
    assert delivery.problem is None
    assert delivery.body == message.value
    assert delivery.webhook_id == str(event.event_id()) == str(attempt.webhook_id)
    assert delivery.headers["traceparent"] == TRACE
    assert (attempt.outcome, attempt.status_code, attempt.attempt) == ("delivered", 204, 1)
    log = notifier.log.read_text()
    assert "delivery_attempted" in log
    assert "CANARY" not in log
    assert TARGET_KEY not in log


async def test_what_was_asked_for_yesterday_waits_for_status_and_what_it_asks_for_now_is_posted(
    kafka: str, tmp_path: Path
) -> None:
    """R17: a replay of the topic posts nothing by itself."""
    event = completion(uuid4())
    yesterday = datetime.now(UTC) - timedelta(days=1)
    async with LocalReceiver(SECRET).open() as receiver, running(kafka, tmp_path):
        await publish(kafka, [asked(event, receiver.url, yesterday)])
        (deferred,) = await attempts(kafka, {event.request_id}, 1)
        assert (deferred.outcome, receiver.deliveries) == ("deferred", [])
        retry = WebhookRetry(
            request_id=event.request_id,
            tenant="acme",
            webhook_id=event.event_id(),
            attempt=2,
            body=event.value().decode(),
            due_at=yesterday,
        )
        await publish(kafka, [asked(retry, receiver.url, yesterday)])
        _, deferred = await attempts(kafka, {event.request_id}, 2)
        assert (deferred.outcome, receiver.deliveries) == ("deferred", [])
        await publish(kafka, [asked(retry, receiver.url)])
        (delivery,) = await receiver.wait_for(1, DEADLINE_SECONDS)
        *_, delivered = await attempts(kafka, {event.request_id}, 3)
    assert (delivered.outcome, delivered.attempt) == ("delivered", 2)
    assert (delivery.body, delivery.webhook_id) == (event.value(), str(event.event_id()))


async def test_killed_between_post_and_record_it_posts_the_same_id_and_bytes_again(
    kafka: str, tmp_path: Path
) -> None:
    """R17."""
    event = completion(uuid4())
    first, notifier_may_answer = asyncio.Event(), asyncio.Event()
    posts: list[bytes] = []

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        posts.append(head + await reader.readexactly(len(event.value())))
        first.set()
        await notifier_may_answer.wait()
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server, running(kafka, tmp_path, PATIENT) as notifier:
        await publish(kafka, [asked(event, url)])
        await asyncio.wait_for(first.wait(), DEADLINE_SECONDS)
        await notifier.end(kill=True)
        notifier_may_answer.set()
        await notifier.start_until_ready()
        (attempt,) = await attempts(kafka, {event.request_id}, 1)
    assert attempt.outcome == "delivered"
    assert len(posts) >= 2  # it may be given the message once more while the group settles
    wanted = f"webhook-id: {event.event_id()}".encode()
    for post in posts:
        head, _, body = post.partition(b"\r\n\r\n")
        assert wanted in head
        assert body == event.value()


async def test_three_receivers_that_hang_delay_none_of_a_hundred_healthy_ones(
    kafka: str, tmp_path: Path
) -> None:
    """R17: the healthy get theirs while the others hang without an end; those are deferred, not queued."""
    hanging = [completion(uuid4()) for _ in range(300)]
    healthy = [completion(uuid4()) for _ in range(100)]
    async with (
        LocalReceiver(SECRET).open() as receiver,
        silent_ports(3) as ports,
        running(kafka, tmp_path, PATIENT) as notifier,
    ):
        await publish(
            kafka,
            [asked(event, f"http://127.0.0.1:{ports[n % 3]}/?order={n}") for n, event in enumerate(hanging)],
        )
        await publish(kafka, [asked(event, f"{receiver.url}{event.request_id}") for event in healthy])
        delivered = await receiver.wait_for(len(healthy), DEADLINE_SECONDS)
        deferred = await attempts(kafka, {event.request_id for event in hanging}, 300 - 3 * 8)
        await notifier.end(kill=True)
    assert {each.webhook_id for each in delivered} == {str(event.event_id()) for event in healthy}
    assert {event.outcome for event in deferred} == {"deferred"}
    assert {event.error for event in deferred} == {"receiver_busy"}


async def test_a_tenant_whose_receivers_all_hang_delays_no_other_tenant(kafka: str, tmp_path: Path) -> None:
    """R17: it could fill every place of the process, and gets its share of them."""
    hanging = [completion(uuid4()) for _ in range(560)]
    healthy = [completion(uuid4()) for _ in range(20)]
    async with (
        LocalReceiver(SECRET).open() as receiver,
        silent_ports(70) as ports,
        running(kafka, tmp_path, PATIENT) as notifier,
    ):
        greedy = [f"http://127.0.0.1:{ports[n % 70]}/" for n in range(len(hanging))]
        await publish(
            kafka, [asked(event, url, tenant="greedy") for event, url in zip(hanging, greedy, strict=True)]
        )
        await publish(kafka, [asked(event, f"{receiver.url}{event.request_id}") for event in healthy])
        await receiver.wait_for(len(healthy), DEADLINE_SECONDS)
        told = await attempts(kafka, {event.request_id for event in hanging}, len(hanging) - 192)
        await notifier.end(kill=True)
    assert {event.outcome for event in told} == {"deferred"}


@asynccontextmanager
async def silent_ports(count: int) -> AsyncIterator[list[int]]:
    """Ports whose connections are taken by the system and never answered."""
    listening = []
    try:
        for _ in range(count):
            silent = socket.socket()
            listening.append(silent)
            silent.bind(("127.0.0.1", 0))
            silent.listen(64)
        yield [silent.getsockname()[1] for silent in listening]
    finally:
        for silent in listening:
            silent.close()


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"TARGET_KEYS": "CANARY"}, "TARGET_KEYS"),
        ({"TARGET_KEYS": ""}, "TARGET_KEYS"),
        ({"WEBHOOK_MASTER_KEYS": ""}, "WEBHOOK_MASTER_KEYS"),
        ({"ALLOW_HOSTS": "everywhere"}, "ALLOW_HOSTS"),
        ({"PORT": "0"}, "PORT"),
    ],
)
async def test_a_wrong_setting_is_one_clear_line_and_exit_code_78(changed: dict[str, str], name: str) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": "1",
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "TARGET_KEYS": TARGET_KEY,
        "WEBHOOK_MASTER_KEYS": MASTER_KEY,
        **changed,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.notifier", env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await asyncio.wait_for(process.communicate(), DEADLINE_SECONDS)
    assert process.returncode == 78
    (line,) = errors.decode().splitlines()
    assert line.startswith(f"wrong setting {name}: ")
    assert "CANARY" not in line


async def test_it_is_ready_only_once_it_has_reached_a_broker_for_its_answers_too(tmp_path: Path) -> None:
    notifier = NotifierProcess(f"127.0.0.1:{free_port()}", tmp_path / "notifier.log")
    await notifier.start()
    try:
        assert {"broker", "notifier consumer"} <= (await notifier.reasons()).keys()
    finally:
        await notifier.end(kill=True)


async def test_every_line_of_its_log_is_json_also_of_what_libraries_say(tmp_path: Path) -> None:
    """R21: Kafka is away, and a call is none."""
    notifier = NotifierProcess(f"127.0.0.1:{free_port()}", tmp_path / "notifier.log")
    await notifier.start()
    try:
        await notifier.reasons()
        reader, writer = await asyncio.open_connection("127.0.0.1", notifier.port)
        writer.write(b"no HTTP\r\n\r\n")
        await reader.read()
        writer.close()
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not all(words in notifier.log.read_text() for words in ("Unable connect", "Invalid HTTP")):
                await asyncio.sleep(0.05)
    finally:
        await notifier.end()
    told = [json.loads(line) for line in notifier.log.read_text().splitlines()]
    assert {line["service"] for line in told} == {"notifier"}
    assert {line["logger"] for line in told if line["event"] == "library_said"} == {
        "aiokafka",
        "uvicorn.error",
    }
