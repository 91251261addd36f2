"""An administrator's client, open while a block runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient

from shared.broker_access import Security
from shared.kafka.connection import BROKER_AWAY, away, security_options, started, stop_quietly


@asynccontextmanager
async def admin_client(
    bootstrap: str, security: Security, purpose: str, answer_seconds: float
) -> AsyncIterator[AIOKafkaAdminClient]:
    """Raises `Away` when the broker does not answer, or refuses."""
    client = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap,
        client_id=purpose,
        request_timeout_ms=int(answer_seconds * 1000),
        **security_options(security),
    )
    try:
        await started(client)
        yield client
    except BROKER_AWAY as error:
        raise away(error) from error
    finally:
        await stop_quietly(client)
