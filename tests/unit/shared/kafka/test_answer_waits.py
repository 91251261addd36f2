"""The answer to a joining may take as long as the slowest member, and no other answer. A broker that owes one
which it gives by itself is silent.
"""

import asyncio
import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.client import ConnectionGroup
from aiokafka.errors import NodeNotReadyError, RequestTimedOutError
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import HeartbeatRequest, JoinGroupRequest, SyncGroupRequest
from aiokafka.protocol.produce import ProduceRequest

from shared.kafka.library import silent_brokers
from shared.kafka.library.joining import wait_longer_for_joining
from shared.kafka.library.silent_brokers import pass_over_silent_brokers

USUAL_SECONDS, JOIN_SECONDS = 8.0, 20.0
JOIN = JoinGroupRequest("group", 10_000, 15_000, "", "", "consumer", [])
SYNC = SyncGroupRequest("group", 1, "member", "", [])
HEARTBEAT = HeartbeatRequest("group", 1, "member")


class Client:
    """Notes how long each request would be waited for."""

    def __init__(self, *, is_connected: bool = True) -> None:
        self.connection = SimpleNamespace(_request_timeout=USUAL_SECONDS) if is_connected else None
        self.waits: list[float] = []

    async def _get_conn(self, _: object) -> Any:
        return self.connection

    async def send(self, _: object, __: object) -> str:
        if self.connection is None:
            raise NodeNotReadyError
        self.waits.append(self.connection._request_timeout)
        return "answer"


async def test_joining_is_waited_for_longer_and_only_joining() -> None:
    client: Any = Client()
    wait_longer_for_joining(client, JOIN_SECONDS)
    for request in (HEARTBEAT, JOIN, HEARTBEAT, SYNC, HEARTBEAT):
        assert await client.send(1, request) == "answer"
    assert client.waits == [USUAL_SECONDS, JOIN_SECONDS, USUAL_SECONDS, JOIN_SECONDS, USUAL_SECONDS]


async def test_who_cannot_connect_to_join_hears_it_as_ever() -> None:
    client: Any = Client(is_connected=False)
    wait_longer_for_joining(client, JOIN_SECONDS)
    with pytest.raises(NodeNotReadyError):
        await client.send(1, JOIN)


class Cluster:
    """Knows two brokers, of which the first does not answer."""

    _request_timeout_ms = 8_000

    def __init__(self) -> None:
        self.cluster = self
        self.asked_who_leads = 0
        self.connected_to: list[int] = []
        self._conns: dict[Any, Any] = {}
        self._connecting = asyncio.Lock()

    def broker_metadata(self, broker: int) -> object:
        return SimpleNamespace(host="brokers-of-this-test", port=broker)

    def brokers(self) -> list[Any]:
        return [SimpleNamespace(nodeId=1), SimpleNamespace(nodeId=2)]

    async def _get_conn(self, broker: int, *, group: Any) -> Any:
        if connection := self._conns.get((broker, group)):
            return connection
        async with self._connecting:
            self.connected_to.append(broker)
            if broker == 1:
                await asyncio.Event().wait()
            return "connection"

    async def send(self, _: object, __: object) -> None:
        raise RequestTimedOutError

    def force_metadata_update(self) -> None:
        self.asked_who_leads += 1


@pytest.fixture
def client() -> Iterator[Any]:
    cluster: Any = Cluster()
    pass_over_silent_brokers(cluster)
    yield cluster
    silent_brokers._silent_until.clear()


@pytest.mark.parametrize(
    ("request_", "is_silent"),
    [
        (FetchRequest(100, 1, 1, 0, []), True),
        (ProduceRequest(None, -1, 8_000, []), False),
        (HEARTBEAT, False),
        (JOIN, False),
    ],
)
async def test_only_what_a_broker_answers_by_itself_shows_that_it_is_silent(
    client: Any, request_: object, *, is_silent: bool
) -> None:
    with pytest.raises(RequestTimedOutError):
        await client.send(2, request_)
    assert (await client._get_conn(2) is None) is is_silent
    assert client.asked_who_leads == int(is_silent)


async def test_a_broker_is_not_silent_because_its_connection_waited_for_the_turn_of_another_one(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silent_brokers, "CONNECT_SECONDS", 0.01)
    assert await asyncio.gather(*(client._get_conn(broker) for broker in (1, 2, 2))) == [
        None,
        "connection",
        "connection",
    ]
    assert await client._get_conn(1) is None


async def test_whoever_waited_for_a_turn_meanwhile_does_not_wait_for_the_silent_one_again(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R08: a client's fetches, commits and questions all come at once, and each waited out its own 4 s."""
    monkeypatch.setattr(silent_brokers, "CONNECT_SECONDS", 0.01)
    monkeypatch.setattr(silent_brokers, "PASSED_OVER_SECONDS", math.inf)
    assert await asyncio.gather(*(client._get_conn(1) for _ in range(3))) == [None] * 3
    assert client.connected_to == [1]


async def test_a_connection_that_is_there_waits_for_no_other_one(client: Any) -> None:
    there = SimpleNamespace(connected=lambda: True)
    client._conns[2, ConnectionGroup.DEFAULT] = there
    connecting = asyncio.create_task(client._get_conn(1))
    await asyncio.sleep(0)
    assert await client._get_conn(2) is there
    assert not connecting.done()
    connecting.cancel()
