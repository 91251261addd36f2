"""Lets a member wait for the answer to its joining as long as the slowest of its group takes. The library has
one time-out for every answer: with one that is long enough for this, a broker that hangs is waited for so
long at each question that it is asked.

The library has no setting for it, so this file puts its own call around the library's.
"""

from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.group import JoinGroupRequest, SyncGroupRequest

ANSWERED_ONCE_ALL_HAVE_COME = (JoinGroupRequest, SyncGroupRequest)


def wait_longer_for_joining(client: AIOKafkaClient, seconds: float) -> None:
    """From now on, in this client."""
    send = client.send

    async def waiting(broker: Any, request: Any, **options: Any) -> Any:
        if not isinstance(request, ANSWERED_ONCE_ALL_HAVE_COME):
            return await send(broker, request, **options)
        connection = await client._get_conn(broker, **options)  # noqa: SLF001 - no other way
        if connection is None:
            return await send(broker, request, **options)  # which says so in the library's words
        usual_seconds = connection._request_timeout  # noqa: SLF001 - as above
        connection._request_timeout = seconds  # noqa: SLF001 - as above
        try:
            return await send(broker, request, **options)
        finally:
            connection._request_timeout = usual_seconds  # noqa: SLF001 - as above

    client.send = waiting
