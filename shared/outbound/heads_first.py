"""What of an answer is right counts, whatever stands behind it. aiohttp forgets a whole head where bytes that
belong to no answer come in the same piece, as the body of a 204 does, and tells nobody who waits for a body
that it is broken. It knows no meaning of an answer.
"""

import asyncio
from functools import partial

from aiohttp import ClientPayloadError
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError

_END_OF_HEAD = b"\r\n\r\n"


def heads_first() -> partial[ResponseHandler]:
    """What makes a connector's connections."""
    connection: type[ResponseHandler] = _HeadsFirst
    return partial(connection, loop=asyncio.get_running_loop())


class _HeadsFirst(ResponseHandler):
    def data_received(self, data: bytes) -> None:
        if self._payload is None or self._payload.is_eof():  # a head comes next
            head, end, data = data.partition(_END_OF_HEAD)
            super().data_received(head + end)
            if not data:
                return
        super().data_received(data)
        self._tell_broken_body()

    def _tell_broken_body(self) -> None:
        error, body = self.exception(), self._payload
        if isinstance(error, HttpProcessingError) and body is not None and not body.is_eof():
            body.set_exception(ClientPayloadError(error.message))
