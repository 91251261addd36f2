"""A connection of aiohttp that is given the answers that were asked for and no other byte: `Answer` knows
them. By itself it takes what comes behind a body, or over a connection that rests, for the answer to the next
request, and forgets a whole head where bytes that are wrong come in the same piece.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from aiohttp import ClientPayloadError
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError

from shared.outbound.answer import Answer, NoAnswer


def connections() -> partial[ResponseHandler]:
    """What makes those of a connector."""
    connection: type[ResponseHandler] = _Connection
    return partial(connection, loop=asyncio.get_running_loop())


class _Connection(ResponseHandler):
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._answer = Answer()

    def set_response_params(self, **params: Any) -> None:
        """For each request, before it is sent."""
        self._answer = Answer()
        super().set_response_params(**params)

    @property
    def should_close(self) -> bool:
        """Asked once the answer is read, or nobody wants the rest of it; else the connection is kept."""
        return super().should_close or not self._answer.is_over or self._answer.has_more

    def data_received(self, data: bytes) -> None:
        is_resting = self._answer.is_over
        for piece in self._own(data):
            super().data_received(piece)
        self._tell_of_a_broken_body()
        if is_resting and self._answer.has_more and self.transport is not None:
            self.transport.close()

    def _own(self, data: bytes) -> Sequence[bytes]:
        # Without data aiohttp goes on with what it has; and it keeps what comes before the first request.
        if not data or self._parser is None:
            return [data]
        try:
            own = self._answer.own(data)
        except NoAnswer as error:
            self.set_exception(HttpProcessingError(message=str(error)))
            return []
        if not own and not self._answer.is_over:
            self._reschedule_timeout()  # a host whose head comes in pieces is not silent
        return own

    def _tell_of_a_broken_body(self) -> None:
        """Who waits for it hears nothing from aiohttp."""
        body, error = self._payload, self.exception()
        if isinstance(error, HttpProcessingError) and body is not None and not body.is_eof():
            body.set_exception(ClientPayloadError(error.message))
