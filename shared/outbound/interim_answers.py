"""An answer whose host may say only so often that it is still to come (1xx): each time costs the event loop,
and aiohttp counts none. It knows no meaning of an answer.
"""

from typing import Any

import aiohttp
from aiohttp.connector import Connection

MAX_INTERIM_ANSWERS = 100


class PatientResponse(aiohttp.ClientResponse):
    """A `response_class` of aiohttp."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        protocol: Any = connection.protocol
        read, heard = protocol.read, 0

        async def counted() -> Any:
            nonlocal heard
            heard += 1
            if heard > MAX_INTERIM_ANSWERS + 1:  # the last one is the answer itself
                raise aiohttp.ServerDisconnectedError("the host says without end that its answer comes")
            return await read()

        protocol.read = counted
        try:
            return await super().start(connection)
        finally:
            del protocol.read
