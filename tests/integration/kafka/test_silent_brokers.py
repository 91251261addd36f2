"""A broker of several that hangs is waited for once, and is then passed over for a while, by every client of
the process. Seen by who connects to it.
"""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.errors import NodeNotReadyError
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.structs import BrokerMetadata

from shared.kafka.library import silent_brokers
from shared.kafka.library.silent_brokers import OURS_SECONDS, PASSED_OVER_SECONDS, pass_over_silent_brokers
from tests.worlds.hosts.raw_server import RawServer, raw_server
from tests.worlds.patience import DEADLINE_SECONDS

HANGING = 99


async def hangs(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


@asynccontextmanager
async def client_of(kafka: str, hanging: RawServer, *, alone: bool = False) -> AsyncIterator[AIOKafkaClient]:
    """It knows the hanging one as a broker of the cluster, beside the real one or `alone`."""
    client = AIOKafkaClient(bootstrap_servers=kafka)
    await client.bootstrap()
    for real in client.cluster.brokers():  # however long it takes; later only the other one is connected to
        await client.ready(real.nodeId)
    client._request_timeout_ms = 300
    _add(client.cluster, BrokerMetadata(HANGING, "127.0.0.1", hanging.port, None), alone=alone)
    pass_over_silent_brokers(client)
    yield client
    await client.close()


def _add(cluster: ClusterMetadata, added: BrokerMetadata, *, alone: bool) -> None:
    brokers, broker_metadata = cluster.brokers, cluster.broker_metadata
    cluster.brokers = lambda: {added} if alone else {added, *brokers()}
    cluster.broker_metadata = lambda broker: added if broker == HANGING else broker_metadata(broker)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silent_brokers, "CONNECT_SECONDS", 0.3)


async def is_not_ready(client: AIOKafkaClient) -> None:
    with pytest.raises(NodeNotReadyError):
        await client.send(HANGING, MetadataRequest([]))


def stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nothing is over before the test is, however busy the machine."""
    now = time.monotonic()
    monkeypatch.setattr(silent_brokers, "time", SimpleNamespace(monotonic=lambda: now))


async def test_a_broker_that_hangs_is_waited_for_once_and_the_others_are_asked(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(hangs, hears=b"\0") as hanging, client_of(kafka, hanging) as client:
        await is_not_ready(client)
        stand_still(monkeypatch)
        for _ in range(20):
            await is_not_ready(client)
            assert (await client.fetch_all_metadata()).brokers()
        assert hanging.connections == 1


async def test_what_one_client_has_found_out_the_others_of_the_process_need_not(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(hangs, hears=b"\0") as hanging:
        async with client_of(kafka, hanging) as first:
            await is_not_ready(first)
        stand_still(monkeypatch)
        async with client_of(kafka, hanging) as second:
            await is_not_ready(second)
        assert hanging.connections == 1


async def test_another_may_lead_instead_so_a_client_that_passes_one_over_asks_who_does(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(hangs, hears=b"\0") as hanging, client_of(kafka, hanging) as client:
        await is_not_ready(client)
        stand_still(monkeypatch)
        await client._maybe_wait_metadata()
        await is_not_ready(client)
        assert client._md_update_fut is not None
        await client._maybe_wait_metadata()


async def test_the_only_broker_that_is_known_is_asked_however_silent_it_is(kafka: str) -> None:
    async with raw_server(hangs, hears=b"\0") as hanging, client_of(kafka, hanging, alone=True) as client:
        for times in (1, 2, 3):
            await is_not_ready(client)
            assert hanging.connections >= times  # the library looks for others meanwhile


async def test_a_process_that_stood_still_itself_blames_no_broker(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that was frozen: all its waits are over at once, whatever has come meanwhile. It asks once more,
    and whoever asked is told in the end, also where it is late all the time.
    """
    readings, asked, connect = itertools.count(step=OURS_SECONDS), list[object](), AIOKafkaClient._get_conn

    async def told(client: AIOKafkaClient, broker: object, **options: object) -> object:
        asked.append(broker)
        return await connect(client, broker, **options)

    monkeypatch.setattr(AIOKafkaClient, "_get_conn", told)
    monkeypatch.setattr(silent_brokers, "LOOP_LAG", SimpleNamespace(late_seconds=lambda: next(readings)))
    async with raw_server(hangs, hears=b"\0") as hanging, client_of(kafka, hanging) as client:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await is_not_ready(client)
        assert asked.count(HANGING) >= 2
        assert not [port for _, port in silent_brokers._silent_until if port == hanging.port]


async def test_after_a_while_it_is_asked_again(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = SimpleNamespace(now=0.0)
    async with raw_server(hangs, hears=b"\0") as hanging, client_of(kafka, hanging) as client:
        await is_not_ready(client)
        [until] = [at for (_, port), at in silent_brokers._silent_until.items() if port == hanging.port]
        monkeypatch.setattr(silent_brokers, "time", SimpleNamespace(monotonic=lambda: shown.now))
        for shown.now, connections in ((until - 0.001, 1), (until - PASSED_OVER_SECONDS, 1), (until, 2)):
            await is_not_ready(client)
            assert hanging.connections == connections
