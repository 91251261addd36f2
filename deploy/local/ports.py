"""Which port belongs to whom, counted from one base, and whether it is free."""

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.settings import StackSettings

HOST = "127.0.0.1"


class PortTaken(Exception):  # noqa: N818 - a state of the machine
    """The message is one line for a person."""


@dataclass(frozen=True, slots=True)
class Ports:
    base: int

    @property
    def gateway(self) -> int:
        return self.base

    @property
    def ingest(self) -> int:
        return self.base + 1

    @property
    def status(self) -> int:
        return self.base + 2

    @property
    def notifier(self) -> int:
        return self.base + 3

    def processor(self, index: int) -> int:
        return self.base + 10 + index

    @property
    def kafka(self) -> int:
        return self.base + 92

    @property
    def kafka_controller(self) -> int:
        return self.base + 93

    @property
    def postgres(self) -> int:
        return self.base + 94


def needed_ports(settings: StackSettings) -> dict[str, int]:
    """Name of the part → its port, for the parts that this stack starts itself."""
    ports = Ports(settings.port_base)
    needed = {
        "the gateway": ports.gateway,
        "ingest": ports.ingest,
        "status": ports.status,
        "notifier": ports.notifier,
    }
    needed |= {f"processor-{index}": ports.processor(index) for index in range(settings.processors)}
    if settings.kafka_bootstrap is None:
        needed |= {"Kafka": ports.kafka, "Kafka's controller": ports.kafka_controller}
    if settings.postgres_dsn is None:
        needed |= {"PostgreSQL": ports.postgres}
    return needed


def check_free(needed: Mapping[str, int]) -> None:
    for name, port in needed.items():
        error = listen_error(port)
        if error is not None:
            reason = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise PortTaken(f"port {port}, for {name}, {reason}; PORT_BASE moves all ports") from error


def listen_error(port: int) -> OSError | None:
    """Why nobody could listen there now; None when somebody could."""
    with socket.socket() as probe:
        # As servers do: a connection that just ended is no reason to wait.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            return error
    return None
