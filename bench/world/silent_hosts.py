"""Hosts that never say a word. Connections to them succeed, because the system takes them."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

WAITING_CONNECTIONS = 4096


@contextmanager
def silent_hosts(addresses: Sequence[str]) -> Iterator[Sequence[str]]:
    """One silent host at each of these addresses, on a port of its own; gives their URLs."""
    with ExitStack() as sockets:
        urls = []
        for address in addresses:
            host = sockets.enter_context(socket.create_server((address, 0), backlog=WAITING_CONNECTIONS))
            urls.append("http://{}:{}".format(*host.getsockname()))
        yield urls
