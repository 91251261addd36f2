"""The reading side of a connection of the HTTP server, which ends when a client takes too long, or too many
bytes, to say what it wants.

uvicorn waits without end for the head of a request, and for the rest of a body whose answer is already
given; whoever sends a byte now and then would keep a connection for ever. It also keeps a head of any size,
and any number of calls that come faster than they are answered. None of its settings bounds these; a proxy in
front could, but an installation may have none. And what is no HTTP it answers in plain text, also in the
middle of an answer that has begun.
"""

import asyncio
from collections.abc import Sized
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.flow_control import FlowControl

from shared.web.problems import Problem, invalid_request
from shared.web.server.stalled_readers import SendingProtocol

HEAD_SECONDS = 20.0
REST_SECONDS = 20.0  # of a body that nobody reads any more
MAX_UNREADABLE_BYTES = 64 * 1024  # of a head, of trailers: of what is neither a whole head nor a body
MOST_WAITING_CALLS = 100  # on a connection, behind one that is being answered
_CLOSE = {"Connection": "close"}
_LONG_HEAD = Problem(
    431,
    "too-large",
    "Request Header Fields Too Large",
    f"The limit on the head of a call, its address and headers, is {MAX_UNREADABLE_BYTES:,} bytes.",
    extensions={"limit": "head size", "maximum": MAX_UNREADABLE_BYTES},
    headers=_CLOSE,
)
_NO_HTTP = replace(invalid_request("The call is no HTTP that can be read."), headers=_CLOSE)


def _written(problem: Problem) -> bytes:
    """Where no application is asked."""
    answer = problem.response()
    phrase = HTTPStatus(problem.status).phrase.encode()
    head = (b"HTTP/1.1 %d %s" % (problem.status, phrase), *map(b": ".join, answer.raw_headers))
    return b"\r\n".join((*head, b"", bytes(answer.body)))


_TOO_LARGE = _written(_LONG_HEAD)
_UNREADABLE = _written(_NO_HTTP)


class _TooManyCallsError(Exception):
    """Ends the reading of a connection, as what is no HTTP does."""


class _WaitingCallsFirst(FlowControl):
    """Reads on only where no call waits: one that is answered while another waits came whole. uvicorn reads
    on with each answer, and whenever a call asks for its body; a connection would hold as many pieces of what
    is sent as calls.
    """

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting
        self.has_ended = False

    def resume_reading(self) -> None:
        if not self._waiting and not self.has_ended:
            super().resume_reading()

    def end_reading(self) -> None:
        self.has_ended = True
        self.pause_reading()


class ImpatientProtocol(SendingProtocol):
    flow: _WaitingCallsFirst

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._patience: asyncio.TimerHandle | None = None
        self._is_body_whole = True
        self._is_head_whole = False
        self._unreadable_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self.flow = _WaitingCallsFirst(transport, self.pipeline)
        self._wait_at_most(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unreadable_bytes += len(data)
        super().data_received(data)
        if self._unreadable_bytes > MAX_UNREADABLE_BYTES and not self.transport.is_closing():
            self._end_with(b"" if self._is_head_whole else _TOO_LARGE)
        elif self._is_between_calls() and self._patience is None:
            self._wait_at_most(HEAD_SECONDS)  # for more than blank lines: uvicorn waits no longer by itself

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the words are ours
        """For a head, or chunks of a body, that are none, and for too many calls."""
        self._end_with(b"" if self._is_answering() else _UNREADABLE)

    def _end_with(self, answer: bytes) -> None:
        """What stands behind calls that came whole takes no answer from them: theirs are the last ones. An
        answer that has begun before its call was whole is broken off.
        """
        if self._owes_answers():
            self._wait()
            self.flow.end_reading()
            self.cycle.keep_alive = False
            return
        if answer:
            self.transport.write(answer)
        self.transport.close()

    def _is_between_calls(self) -> bool:
        return self._is_body_whole and self.cycle is not None and self.cycle.response_complete

    def _owes_answers(self) -> bool:
        """The last call came whole; those before it wait with it in the pipeline."""
        return self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body

    def _is_answering(self) -> bool:
        """Whether an answer has begun, or is being made to a call before this one."""
        if self.cycle is None or self.cycle.response_complete:
            return False
        return self.cycle.response_started or bool(self.pipeline)

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MOST_WAITING_CALLS:
            raise _TooManyCallsError
        self._is_body_whole = self._is_head_whole = False
        if self._patience is None and not self._owes_answers():
            self._wait_at_most(HEAD_SECONDS)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_head_whole, self._unreadable_bytes = True, 0
        if self._head_bytes() > MAX_UNREADABLE_BYTES:  # it came at once
            self.app, self.url = _refuse_head, b"/"  # uvicorn cannot read an address that is so long
        self._wait()
        super().on_headers_complete()

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def on_body(self, body: bytes) -> None:
        self._unreadable_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_body_whole, self._unreadable_bytes = True, 0
        self._wait()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if not self._is_body_whole and not self.pipeline:
            self._wait_at_most(REST_SECONDS)
        super().on_response_complete()

    def _wait(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _wait_at_most(self, seconds: float) -> None:
        self._wait()
        self._patience = self.loop.call_later(seconds, self.transport.close)


async def _refuse_head(scope: Scope, receive: Receive, send: Send) -> None:
    await _LONG_HEAD.response()(scope, receive, send)
