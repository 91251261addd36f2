"""The reading side of a connection of the HTTP server, which ends when a client takes too long, or too many
bytes, to say what it wants.

uvicorn waits without end for the head of a request, and for the rest of a body whose answer is already
given; whoever sends a byte now and then would keep a connection for ever. It also keeps a head of any size,
and any number of calls that come faster than they are answered. None of its settings bounds these; a proxy in
front could, but an installation may have none. And what is no HTTP it answers in plain text, also in the
middle of an answer that has begun. A connection that it closes while bytes of it are unread is reset by the
system: its client loses what it has not yet taken of the last answer.
"""

import asyncio
from collections.abc import Callable, Sized
from dataclasses import dataclass
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from shared.web.server.refusals import NO_HTTP, long_head
from shared.web.server.stalled_readers import SendingProtocol

HEAD_SECONDS = 20.0
REST_SECONDS = 20.0  # of what nobody reads any more
STOPPING_REST_SECONDS = 1.0  # where the server waits for it
MAX_UNREADABLE_BYTES = 64 * 1024  # of a head, of trailers: of what is neither a whole head nor a body
MOST_WAITING_CALLS = 100  # on a connection, behind one that is being answered
_LONG_HEAD = long_head(MAX_UNREADABLE_BYTES)


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

    def throw_away(self) -> None:
        """What is read from now on is no call's."""
        self.has_ended = True
        super().resume_reading()


@dataclass(slots=True)
class _TransportOfCalls:
    """The connection's own, but for its end."""

    of_all: asyncio.Transport
    close: Callable[[], None]
    is_closing: Callable[[], bool]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.of_all, name)


class ImpatientProtocol(SendingProtocol):
    flow: _WaitingCallsFirst

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._patience: asyncio.TimerHandle | None = None
        self._is_body_whole = True
        self._is_head_whole = False
        self._unreadable_bytes = 0
        self._is_parting = False
        self._is_stopping = False
        self._under_way: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self.flow = _WaitingCallsFirst(transport, self.pipeline)
        self._wait_at_most(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait()
        super().connection_lost(exc)
        if self._under_way is not None:  # uvicorn tells the last one, which may wait behind it
            self._under_way.disconnected = True
            self._under_way.message_event.set()
        self.pipeline.clear()
        self._under_way = self.cycle = None  # type: ignore[assignment] # no circle is left to the collector

    def shutdown(self) -> None:
        self._is_stopping = True
        if self._is_parting:
            self._wait_at_most(STOPPING_REST_SECONDS)
        elif self._is_head_whole and not self._is_body_whole and self.cycle.response_complete:
            self._part()
        else:
            super().shutdown()

    def data_received(self, data: bytes) -> None:
        if self.flow.has_ended:
            return
        self._unreadable_bytes += len(data)
        super().data_received(data)
        if self.flow.has_ended or self.transport.is_closing():
            return
        if self._unreadable_bytes > MAX_UNREADABLE_BYTES:
            self._end_with(b"" if self._is_head_whole else _LONG_HEAD.written)
        elif self._is_between_calls() and self._patience is None:
            self._wait_at_most(HEAD_SECONDS)  # for more than blank lines: uvicorn waits no longer by itself

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the words are ours
        """For a head, or chunks of a body, that are none, and for too many calls."""
        self._end_with(b"" if self._is_answering() else NO_HTTP.written)

    def _end_with(self, answer: bytes) -> None:
        """What stands behind calls that came whole takes no answer from them: theirs are the last ones, or
        that of one which breaks off behind them. An answer that has begun before its call was whole is broken
        off.
        """
        if self.pipeline and self.cycle.more_body:
            self.pipeline[0] = (self.cycle, NO_HTTP)  # type: ignore[assignment] # the last one to come
        if self.pipeline or self._owes_answers():
            self._wait()
            self.flow.end_reading()
            self.cycle.keep_alive = False
            return
        if answer:
            self.transport.write(answer)
        self._part()

    def _takes_no_more(self) -> bool:
        return self._is_parting or self.transport.is_closing()

    def _close_behind_answer(self) -> None:
        if self._is_body_whole and not self.flow.read_paused:
            self.transport.close()
        else:
            self._part()

    def _part(self) -> None:
        """Leaves the client the answers that are written: what it still sends is read, and thrown away, until
        it closes the connection or takes no more of them.
        """
        if self.transport.is_closing():
            return
        self._is_parting = True
        if self.cycle is not None and not self.cycle.response_complete:  # nobody listens to its application
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.pipeline.clear()
        self.flow.throw_away()
        if self._is_stopping:
            self._wait_at_most(STOPPING_REST_SECONDS)
        else:
            self._wait_while_taken()
        try:
            self.transport.write_eof()
        except OSError:  # the client has reset it
            self.transport.abort()

    def _wait_while_taken(self) -> None:
        self._wait()
        self._patience = self.loop.call_later(REST_SECONDS, self._close_unless_taken, self._waiting_bytes())

    def _close_unless_taken(self, waited_bytes: int) -> None:
        """Who takes a little now and then may keep the connection for long, but not send all the while."""
        if 0 < self._waiting_bytes() < waited_bytes:
            self.flow.pause_reading()
            self._wait_while_taken()
        else:
            self.transport.close()

    def _is_between_calls(self) -> bool:
        return self._is_body_whole and self.cycle is not None and self.cycle.response_complete

    def _owes_answers(self) -> bool:
        """The last call came whole; those before it wait with it in the pipeline."""
        return self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body

    def _is_answering(self) -> bool:
        return self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete

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
            self.app, self.url = _LONG_HEAD, b"/"  # uvicorn cannot read an address that is so long
        self._wait()
        super().on_headers_complete()
        if self.cycle is not None:
            self.cycle.transport = _TransportOfCalls(  # type: ignore[assignment] # all that they use
                self.transport, close=self._close_behind_answer, is_closing=self._takes_no_more
            )

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._under_way = cycle
        super()._start_asgi_task(cycle, app)

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
        if self._takes_no_more():
            return
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
