"""What of an answer is right counts, whatever stands beside or behind it. aiohttp forgets a whole head where
bytes that belong to no answer come in the same piece, as the body of a 204 does, and for one line of a head
that it does not like; it tells nobody who waits for a body that it is broken; and what comes behind a body or
over a resting connection it takes for the answer to the next request. It knows no meaning of an answer.
"""

import asyncio
import re
from functools import partial
from typing import Any

from aiohttp import ClientPayloadError
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import StreamReader

from shared.outbound.needed_lines import needed_lines

HEAD_BYTES = 256 * 1024  # as browsers take it: some hosts send ten kilobytes of a policy with each picture

_BEGIN = b"HTTP/"
_INTERIM = re.compile(rb"HTTP/\S* +1(?!01)")  # the answer itself is still to come
_END = re.compile(rb"\n\r?\n")
_LAST_LINES = re.compile(rb"\n\r?\n[\r\n]*\Z")  # of chunks; a head that ends so is an answer, or an error
_LONGEST_END = len(b"\n\r\n")
_EMPTY_LINES = re.compile(rb"[\r\n]+")  # browsers pass over those in front of a head


def heads_first() -> partial[ResponseHandler]:
    """What makes a connector's connections."""
    connection: type[ResponseHandler] = _HeadsFirst
    return partial(connection, loop=asyncio.get_running_loop())


class _HeadsFirst(ResponseHandler):
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._head = bytearray()  # what has come and is not taken
        self._searched_bytes = 0  # of it, without finding its end
        self._is_asked = False  # and the head of its answer has not come
        self._body_bytes = 0  # that came behind the last head
        self._last_piece = b""  # of them

    def set_response_params(self, **params: Any) -> None:
        """For each request, before it is sent."""
        self._is_asked = True
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        if not self._awaits_head():
            self._read_body(data)
            return
        # Without data aiohttp goes on reading what it has, also behind the answer's end.
        if data and self._is_asked:
            self._reschedule_timeout()
        self._head += data
        while self._awaits_head() and self._take_head():
            pass
        if self._head and not self._awaits_head():
            self._read_body(self._taken(len(self._head)))

    def _awaits_head(self) -> bool:
        is_between_answers = self._payload is None or self._payload.is_eof()
        return is_between_answers and self._parser is not None and self._exception is None

    def _take_head(self) -> bool:
        """Whether it was there."""
        head = self._head
        empty_lines = _EMPTY_LINES.match(head)
        if empty_lines is not None:
            del head[: empty_lines.end()]
        if not self._is_asked:
            self._refuse_unasked()
            return False
        if not _BEGIN.startswith(bytes(head[: len(_BEGIN)])):
            super().data_received(self._taken(len(head)))
            return False
        end = _END.search(head, self._searched_bytes)
        if (len(head) if end is None else end.end()) > HEAD_BYTES:
            self._refuse_head()
            return False
        if end is None:
            self._searched_bytes = max(0, len(head) - _LONGEST_END)
            return False
        self._is_asked = _INTERIM.match(head) is not None
        self._body_bytes = 0
        super().data_received(needed_lines(self._taken(end.end())))
        return True

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._head[:size])
        del self._head[:size]
        self._searched_bytes = 0
        return taken

    def _refuse_unasked(self) -> None:
        """As the 408 with which some hosts end a connection that rests: each image after it would be given
        the answer to the one before.
        """
        if not self._head:
            return
        self._head.clear()
        self._end()

    def _refuse_head(self) -> None:
        self._head.clear()
        if self.transport is not None:
            self.transport.close()
        self.set_exception(HttpProcessingError(message=f"a head of more than {HEAD_BYTES} bytes"))

    def _read_body(self, data: bytes) -> None:
        body = self._payload
        self._body_bytes += len(data)
        self._last_piece = data or self._last_piece
        super().data_received(data)
        if body is None:
            return
        error = self.exception()
        if body.is_eof():
            self._refuse_behind(body)
        elif isinstance(error, HttpProcessingError):
            body.set_exception(ClientPayloadError(error.message))

    def _refuse_behind(self, body: StreamReader) -> None:
        """Also the begin of another answer in the piece with the body's end: the connection rests already."""
        piece, self._last_piece = self._last_piece, b""
        behind = piece[max(0, len(piece) + body.total_bytes - self._body_bytes) :]  # chunks' lines are, too
        ends_there = not behind.strip(b"\r\n") or _LAST_LINES.search(piece, len(piece) - 8) is not None
        if self._payload is not body or not ends_there:
            self._end()

    def _end(self) -> None:
        self.force_close()
        if self.transport is not None:
            self.transport.close()
