"""R29: no host is blamed for what this process or its machine lacks."""

import errno
from socket import EAI_MEMORY, EAI_NONAME, gaierror
from typing import Any, cast
from unittest.mock import Mock

import aiohttp
import pytest
from yarl import URL

from shared.outbound.client import GuardedClient, Timeouts, Unreachable
from shared.outcomes import Away


class Lacking:
    def __init__(self, error: aiohttp.ClientError) -> None:
        self.error = error

    async def request(self, *_: Any, **__: Any) -> None:
        raise self.error


async def ask(error: aiohttp.ClientError) -> None:
    client = GuardedClient(cast("Any", Lacking(error)), Timeouts(), lambda: 0.0)
    async with client.request("GET", URL("https://shop.example/1.jpg")):
        pass


@pytest.mark.parametrize("kind", [aiohttp.ClientConnectorError, aiohttp.ClientConnectorDNSError])
@pytest.mark.parametrize("reason", [OSError(errno.ENOMEM, "memory"), gaierror(EAI_MEMORY, "memory")])
async def test_a_process_without_memory_for_a_connection_blames_no_host(
    kind: type[aiohttp.ClientConnectorError], reason: OSError
) -> None:
    """Images had failed as connect_failed of a lookup that had no memory."""
    with pytest.raises(Away):
        await ask(kind(Mock(), reason))


async def test_a_name_that_is_not_known_is_the_hosts() -> None:
    with pytest.raises(Unreachable):
        await ask(aiohttp.ClientConnectorDNSError(Mock(), gaierror(EAI_NONAME, "unknown")))
