"""R28: the fake server before a client of many threads."""

import socket
from contextlib import ExitStack

from pixmill.testing.connection import FakeServer
from pixmill.testing.handler import Handler

from tests.worlds.patience import DEADLINE_SECONDS


def test_a_hundred_connect_before_the_first_is_taken() -> None:
    """Of more than six at once each waited for the kernel's next try, a second and longer."""
    with FakeServer(("127.0.0.1", 0), Handler) as server, ExitStack() as connections:
        for _ in range(100):
            there = ("127.0.0.1", server.server_port)
            connections.enter_context(socket.create_connection(there, DEADLINE_SECONDS))
