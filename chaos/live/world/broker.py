"""Kafka with a door of its own for each process that calls it: a broker tells its callers where to go on, so
whoever is to come over a link must be told of that link.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from deploy.local.servers.kafka import KafkaBroker

HOST = "127.0.0.1"


class Door(NamedTuple):
    caller: str
    port: int  # where the broker listens
    told_port: int  # where it says that it listens

    @property
    def listener(self) -> str:
        return self.caller.upper().replace("-", "_")


@dataclass(frozen=True, kw_only=True)
class BrokerWithDoors(KafkaBroker):
    doors: Sequence[Door]

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _own_settings(self) -> str:
        """What stands last in the file counts."""
        listeners = [f"{each.listener}://{HOST}:{each.port}" for each in self.doors]
        advertised = [f"{each.listener}://{HOST}:{each.told_port}" for each in self.doors]
        names = ["CONTROLLER", "PLAINTEXT", *(each.listener for each in self.doors)]
        direct, controller = f"PLAINTEXT://{self.bootstrap}", f"CONTROLLER://{HOST}:{self.controller_port}"
        lines = (
            "listeners=" + ",".join([direct, controller, *listeners]),
            "advertised.listeners=" + ",".join([direct, *advertised]),
            "listener.security.protocol.map=" + ",".join(f"{name}:PLAINTEXT" for name in names),
            "num.network.threads=1",  # of each door
        )
        return super()._own_settings() + "\n".join(lines) + "\n"
