"""A cluster of three real brokers, any of which may be frozen, killed and started again."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.free_ports import free_port
from deploy.local.processes.child import Program
from deploy.local.servers import kafka_jars
from deploy.local.servers.kafka import KafkaBroker
from deploy.local.testing import RunningServer

BROKERS = 3
IDENTITY = "A" * 22


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOfThree(KafkaBroker):
    number: int
    voters: str  # of the quorum of controllers

    def _own_settings(self) -> str:
        """What stands in a file of properties twice is as it stands last."""
        alone = KafkaBroker._own_settings(self)
        lines = (
            f"node.id={self.number}",
            f"controller.quorum.voters={self.voters}",
            f"default.replication.factor={BROKERS}",
            f"offsets.topic.replication.factor={BROKERS}",
            "auto.leader.rebalance.enable=false",  # a test says who leads
        )
        return alone + "\n".join(lines) + "\n"

    def _format(self) -> Program:
        arguments = ("format", "--ignore-formatted", "-t", IDENTITY, "-c", "kafka.properties")
        return self._java("kafka format", "kafka.tools.StorageTool", *arguments)


@dataclass(frozen=True, slots=True)
class Cluster:
    bootstrap: str
    servers: Mapping[int, RunningServer]  # by the broker's number


@contextmanager
def three_brokers(folder: Path) -> Iterator[Cluster]:
    """Side by side: none of them is ready before two are there."""
    controllers = {number: free_port() for number in range(1, BROKERS + 1)}
    voters = ",".join(f"{number}@127.0.0.1:{port}" for number, port in controllers.items())
    brokers = [
        OneOfThree(
            folder=folder / f"kafka-{number}",
            log=folder / f"kafka-{number}.log",
            client_port=free_port(),
            controller_port=port,
            jars=kafka_jars.default_cache(),
            number=number,
            voters=voters,
        )
        for number, port in controllers.items()
    ]
    with ExitStack() as to_the_end:
        servers = {each.number: to_the_end.enter_context(_running(each)) for each in brokers}
        for server in servers.values():
            server.wait_until_ready()
        yield Cluster(",".join(each.bootstrap for each in brokers), servers)


@contextmanager
def _running(broker: OneOfThree) -> Iterator[RunningServer]:
    running = RunningServer(broker)
    try:
        yield running
    finally:
        running.child.send(signal.SIGKILL)  # the last of three waits in vain for the others to let it go
        running.stop()
