"""A connector of aiohttp that gives each host its whole time to connect: aiohttp's own time-outs end it also
where it was our event loop that stood still.
"""

from collections.abc import Callable
from typing import Any

import aiohttp

from shared.patience import FairPatience


class FairConnector(aiohttp.TCPConnector):
    """`connect_seconds` are for one attempt, TLS included; name and attempts together get twice this."""

    def __init__(self, *, connect_seconds: float, late_seconds: Callable[[], float], **options: Any) -> None:
        super().__init__(**options)
        self._connect_seconds = connect_seconds
        self._late_seconds = late_seconds

    async def connect(self, *request: Any, **options: Any) -> Any:
        with FairPatience(2 * self._connect_seconds, self._late_seconds, self._loop):
            return await super().connect(*request, **options)

    async def _wrap_create_connection(self, *protocol: Any, **options: Any) -> Any:
        """One attempt; the next address gets another."""
        with FairPatience(self._connect_seconds, self._late_seconds, self._loop):
            return await super()._wrap_create_connection(*protocol, **options)
