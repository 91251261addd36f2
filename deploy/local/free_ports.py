"""Ports that are free and stay so: a block of a hundred is leased by one process of this machine at a time.

It must not know who listens on them. The kernel ends a lease with the process that holds it.
"""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from deploy.local.ports import listen_error

BLOCK = 100
# Each by its first port; all lie below the ports that outgoing connections take.
BLOCKS = range(20_000, 32_000, BLOCK)


_own_ports: list[int] = []  # leased until this process ends, and not given yet


class NoFreePorts(Exception):  # noqa: N818 - a state of the machine
    """Every block is leased, or somebody listens in it."""


@contextmanager
def leased_block(blocks: Sequence[int] = BLOCKS) -> Iterator[int]:
    """The first of a hundred ports, all of them free."""
    lease, first = _take_a_block(blocks)
    with lease:
        yield first


def free_port() -> int:
    """A port that nobody else gets while this process lives."""
    if not _own_ports:
        lease, first = _take_a_block(BLOCKS)
        lease.detach()  # nobody closes it
        _own_ports.extend(range(first, first + BLOCK))
    return _own_ports.pop()


def _take_a_block(blocks: Sequence[int]) -> tuple[socket.socket, int]:
    start = os.getpid() % len(blocks)  # processes that start elsewhere seldom meet
    for first in (*blocks[start:], *blocks[:start]):
        lease = socket.socket(socket.AF_UNIX)
        with suppress(OSError):
            lease.bind(f"\0pixmill-ports-{first}")  # a name without a file, which ends with its socket
            if all(listen_error(port) is None for port in range(first, first + BLOCK)):
                return lease, first
        lease.close()
    raise NoFreePorts("no free ports")
