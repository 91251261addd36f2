"""What the fake server's connections ask while they answer: its world, and what shall go wrong. It knows no
HTTP.
"""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Any

from pixmill import __version__
from pixmill.testing.world import World

SECRET = "whsec_cGl4bWlsbC10ZXN0aW5nLXBpeG1pbGwtdGVzdGluZyE="  # noqa: S105 - of the fake server only


class FakeState:
    url: str  # at which the server is called

    def __init__(self, *, api_key: str | None, allow_hosts: Sequence[str]) -> None:
        self.api_key = api_key
        self.webhook_secret = SECRET
        self.version = __version__  # which it says that it is
        self.world = World(allow_hosts=allow_hosts)
        self.troubles: deque[tuple[str, Any]] = deque()
        self.calls: list[str] = []  # `POST /v1/requests`, in the order in which they came
        self.changed = threading.Condition()
        self.closing = False
        self.hanging = threading.Event()
