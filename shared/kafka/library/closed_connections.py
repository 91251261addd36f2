"""Lets the client library hear of a connection that has just been closed. It knows an `OSError` for that; the
event loop that the services use says `RuntimeError`, of which a task of ours or of the library would die.

The library has no setting for it, so this file puts its own call around the library's.
"""

from collections.abc import Awaitable
from functools import wraps
from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

_send = AIOKafkaConnection.send


@wraps(_send)
def _send_or_tell(connection: AIOKafkaConnection, *arguments: Any, **options: Any) -> Awaitable[Any]:
    try:
        answer: Awaitable[Any] = _send(connection, *arguments, **options)
    except RuntimeError as error:
        connection.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(str(error)) from error
    return answer


def tell_closed_connections() -> None:
    """From now on, of all clients of this process."""
    AIOKafkaConnection.send = _send_or_tell
