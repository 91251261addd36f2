"""Every service with a name and a password of its own at a broker that refuses whatever nobody granted."""

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace

import pytest

from shared.consuming.broker import NewRecord, Partition
from shared.contract.events import Topic
from shared.contract.groups import Group
from shared.contract.topic_declarations import read_declarations
from shared.dead_letters import main as dead_letters
from shared.kafka import (
    KafkaConsumer,
    KafkaPauseMemory,
    Subscription,
    connection,
    consumer,
    open_producer,
    pause,
)
from shared.kafka.lag import KafkaGroupLag
from shared.kafka.members import count_members
from shared.outcomes import Away
from shared.rights import main as rights
from shared.topics import main as topics
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.servers.secured_broker import ADMIN, SecuredBroker, secured_broker

SERVICES = ("ingest", "status", "processor", "notifier")
PASSWORDS = {name: f"CANARY-{name}" for name in (*SERVICES, "operator", "tap")}
OWNED = {name: [t for t, d in read_declarations().items() if d.owner == name] for name in PASSWORDS}
READ = {name: [t for t, d in read_declarations().items() if name in d.readers] for name in PASSWORDS}
LETTERS = {name: [t.dead_letters for t in READ[name] if name != "tap"] for name in PASSWORDS}
EVERYTHING = [name for topic in Topic for name in (topic.value, topic.dead_letters)]


def as_user(patch: pytest.MonkeyPatch, broker: SecuredBroker, user: str) -> None:
    for name, value in broker.variables(user).items():
        patch.setenv(name, value)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    """Set up as docs/operations.md says: rights by the administrator, topics by the operator."""
    with (
        secured_broker(tmp_path_factory.mktemp("secured"), PASSWORDS) as broker,
        pytest.MonkeyPatch.context() as m,
    ):
        as_user(m, broker, ADMIN)
        assert rights(["grant"]) == 0
        assert rights(["grant"]) == 0  # once more changes nothing
        as_user(m, broker, "operator")
        assert topics([]) == 0
        yield broker


@pytest.fixture(autouse=True)
def broker_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It refuses, and is never away: not for a test either that stood still itself while it asked."""
    monkeypatch.setattr(connection, "CONNECT_SECONDS", DEADLINE_SECONDS)
    for asking in (consumer, pause):
        monkeypatch.setattr(asking, "COMMIT_SECONDS", DEADLINE_SECONDS)


async def write(broker: SecuredBroker, user: str, topic: str) -> None:
    async with open_producer(broker.bootstrap, user, broker.security(user)) as producer:
        await producer.publish_records([NewRecord(topic, b"key", b"value", [])])


async def may_write(broker: SecuredBroker, user: str, topic: str) -> bool:
    try:
        await write(broker, user, topic)
    except Away as away:
        if "AuthorizationFailed" in away.reason:
            return False
        raise
    return True


@pytest.mark.parametrize("user", [*SERVICES, "tap"])
async def test_a_principal_writes_its_own_topics_and_no_other(broker: SecuredBroker, user: str) -> None:
    """R20, R26."""
    allowed = [topic for topic in EVERYTHING if await may_write(broker, user, topic)]
    assert sorted(allowed) == sorted([*OWNED[user], *LETTERS[user]])


class Everything:
    """A member that is given its partitions and loses them again."""

    async def revoked(self) -> None: ...

    async def assigned(self, partitions: Sequence[Partition]) -> None: ...


async def read_one(broker: SecuredBroker, user: str, group: str, topic: Topic) -> None:
    """Returns once a message has come; `Away` when the broker refuses."""
    consumer = KafkaConsumer(
        bootstrap=broker.bootstrap,
        group=group,
        topics=(topic,),
        instance_id=None,
        security=broker.security(user),
    )
    await consumer.start(Everything())
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not (polled := await consumer.poll(0.2, 1)):
                pass
        await consumer.commit({partition: records[-1].offset + 1 for partition, records in polled.items()})
        await consumer.lag()
    finally:
        await consumer.stop()


@pytest.mark.parametrize(
    ("user", "group"),
    [
        ("status", "status-csv-accepted"),
        ("processor", "processor"),
        ("notifier", "notifier"),
        ("tap", "tap-warehouse"),
    ],
)
async def test_a_principal_reads_what_is_for_it_in_its_own_groups(
    broker: SecuredBroker, user: str, group: str
) -> None:
    """R20, R26."""
    for topic in READ[user]:
        await write(broker, read_declarations()[topic].owner, topic)
        await read_one(broker, user, group, topic)
        with pytest.raises(Away, match="AuthorizationFailed"):
            await read_one(broker, user, "somebody-else", topic)
    others = [topic for topic in Topic if topic not in READ[user]]
    with pytest.raises(Away, match=r"no right to read it|AuthorizationFailed"):
        await read_one(broker, user, group, others[0])
    if user != "tap":
        subscription = Subscription(
            group=group,
            topics=tuple(READ[user]),
            bootstrap=broker.bootstrap,
            instance_id=None,
            security=broker.security(user),
        )
        memory = subscription.pause_memory()
        await memory.remember()
        assert await memory.is_paused()
        operator = broker.security("operator")
        await KafkaPauseMemory(broker.bootstrap, group, READ[user][0], operator).clear()
        assert not await memory.is_paused()
        await memory.close()
        assert await subscription.count_members() == 0


async def test_ingest_sees_the_queue_and_status_the_processors_and_a_tap_neither(
    broker: SecuredBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20."""
    group = Group.STATUS_CSV_ACCEPTED
    for user, may in (("ingest", True), ("tap", False)):
        security = broker.security(user)
        lag = KafkaGroupLag(
            bootstrap=broker.bootstrap, group=group, topic=Topic.CSV_ACCEPTED, security=security
        )
        with nullcontext() if may else pytest.raises(Away), monkeypatch.context() as patch:
            if may:  # nobody tells the other why; it gives up
                patch.setattr("shared.kafka.lag.COMMIT_SECONDS", DEADLINE_SECONDS)
            assert await lag.read() >= 0
        await lag.close()
    assert await count_members(broker.bootstrap, "processor", broker.security("status")) == 0
    with pytest.raises(Away, match="GroupAuthorizationFailed"):
        await count_members(broker.bootstrap, "processor", broker.security("tap"))


def test_the_operator_commands_work_with_the_operator_rights(
    broker: SecuredBroker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """R20."""
    as_user(monkeypatch, broker, "operator")
    assert topics(["check"]) == 0
    asyncio.run(write(broker, "notifier", Topic.WEBHOOK_RETRY.dead_letters))
    assert dead_letters(["redrive", "webhook.retry"]) == 0
    assert "back to webhook.retry" in capsys.readouterr().out
    asyncio.run(write(broker, "notifier", Topic.WEBHOOK_RETRY.dead_letters))
    assert dead_letters(["discard", "webhook.retry"]) == 0
    last = capsys.readouterr().out.split()[-1]  # other tests leave letters there too
    assert dead_letters(["discard", "webhook.retry", "--through", last]) == 0
    assert rights(["grant"]) == 1
    assert "ClusterAuthorizationFailed" in capsys.readouterr().err


async def test_a_wrong_password_and_an_unknown_authority_keep_a_client_out_and_show_no_secret(
    broker: SecuredBroker,
) -> None:
    """R20."""
    wrong = broker.security("ingest", "CANARY-wrong")
    async with open_producer(broker.bootstrap, "ingest", wrong) as producer:
        with pytest.raises(Away) as refused:
            await producer.check()
    assert "CANARY" not in str(refused.value)
    stranger = replace(broker.security("ingest"), tls=ssl.create_default_context())
    async with open_producer(broker.bootstrap, "ingest", stranger) as producer:
        with pytest.raises(Away):
            await producer.check()
