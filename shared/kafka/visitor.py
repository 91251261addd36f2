"""A consumer that looks at a topic, or at what a group has read, from outside: it joins no group."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer

from shared.broker_access import Security
from shared.kafka.connection import BROKER_AWAY, away, security_options, started, stop_quietly


def new_visitor(
    bootstrap: str, security: Security, purpose: str, group: str | None = None, **options: Any
) -> AIOKafkaConsumer:
    """Not started; it commits nothing by itself."""
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id=purpose,
        group_id=group,
        enable_auto_commit=False,
        **options,
        **security_options(security),
    )


@asynccontextmanager
async def visiting(client: AIOKafkaConsumer, seconds: float) -> AsyncIterator[AIOKafkaConsumer]:
    """Open while a block runs. Raises `Away` when the broker refuses, or when the block takes longer than
    `seconds`.
    """
    try:
        async with asyncio.timeout(seconds):
            yield await started(client)
    except BROKER_AWAY as error:
        raise away(error) from error
    finally:
        await stop_quietly(client)
