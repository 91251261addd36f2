"""Starting and stopping any client of the broker within bounds, and telling when the broker is away."""

import asyncio
from contextlib import suppress
from typing import TypeVar

from aiokafka.errors import KafkaError

from shared.handling import Away

CONNECT_SECONDS = 6.0
STOP_SECONDS = 8.0
BROKER_AWAY = (KafkaError, OSError)  # TimeoutError is an OSError

T = TypeVar("T")


def away(error: Exception) -> Away:
    return Away("broker", f"{type(error).__name__} {error}".strip())


async def started(client: T) -> T:
    """Starts a client within CONNECT_SECONDS, or leaves nothing of it behind."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await client.start()  # type: ignore[attr-defined] # both kinds of client have it
    except BaseException:
        await stop_quietly(client)
        raise
    return client


async def stop_quietly(client: object) -> None:
    with suppress(KafkaError, OSError):
        async with asyncio.timeout(STOP_SECONDS):
            await client.stop()  # type: ignore[attr-defined] # both kinds of client have it
