"""How much memory answers may hold while their readers take them: so much in all, and of each tenant a share.

A small answer goes out at once. A large one goes out in pieces as its reader takes them, and holds a place
until then; so does a stream. Beyond a tenant's share its next one is answered 429, and 503 when all is held.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observing.metrics import READERS, READERS_REFUSED
from shared.web.broken_off import BrokenOff
from shared.web.log import QUIET_ROUTES, x_request_id
from shared.web.places import Places
from shared.web.problems import Problem, too_many, unavailable

MOST_BYTES = 96 * 1024 * 1024
"""What all answers of a process together may hold for their readers; a tenant alone may have half of it."""
STREAM_BYTES = 256 * 1024
"""What a stream holds for its reader: a piece that is sent, one that is read, and the call itself."""
LISTENER_BYTES = 64 * 1024
"""What somebody holds who waits for news: of a stream of events, or of an answer that is held back."""
PIECE_BYTES = 64 * 1024
"""An answer of more is sent in pieces of this size."""
RETRY_SECONDS = 2
NOBODY = ""  # the tenant of answers that need no key


def too_many_readers(_: int = 0) -> Problem:
    error = (
        "So many of your answers are being read slowly that the rest is left for others; wait for one to end."
    )
    return too_many(error, RETRY_SECONDS, "too-many-readers")


def all_readers() -> Problem:
    return unavailable("Too many answers are being read.", RETRY_SECONDS, "busy")


def count_reader(request: Request, *, tenant: str | None = None, held_bytes: int | None = None) -> None:
    """Notes whose reader this is where no key says so, and what a stream holds where it is not the usual."""
    if tenant is not None:
        request.state.reader_tenant = tenant
    if held_bytes is not None:
        request.state.reader_bytes = held_bytes


@dataclass(slots=True)
class Readers:
    """Every place that answers of this process hold, in bytes."""

    most_bytes: int = MOST_BYTES
    _places: Places = field(init=False)

    def __post_init__(self) -> None:
        self._places = Places(most=self.most_bytes, all_taken=all_readers, enough_taken=too_many_readers)
        # A series that begins with its first refusal hides that one.
        for problem in (all_readers(), too_many_readers(0)):
            READERS_REFUSED.labels(str(problem.status))

    @property
    def held_bytes(self) -> int:
        return self._places.taken

    @contextmanager
    def one_of(self, tenant: str, held_bytes: int) -> Iterator[None]:
        """A place until the block ends; the problem to answer with where there is none."""
        with self.more_for(tenant, held_bytes), READERS.track_inprogress():
            yield

    @contextmanager
    def more_for(self, tenant: str, held_bytes: int) -> Iterator[None]:
        """The same for a reader who has a place already."""
        with ExitStack() as place:
            self._take(place, tenant, min(held_bytes, self.most_bytes))
            yield

    def _take(self, place: ExitStack, tenant: str, held_bytes: int) -> None:
        try:
            place.enter_context(self._places.one_for(tenant, held_bytes))
        except Problem as problem:
            READERS_REFUSED.labels(str(problem.status)).inc()
            raise


def install_readers(app: FastAPI, readers: Readers) -> None:
    """Before the middleware that looks at answers: a refusal gets its headers and its line in the log too."""
    app.add_middleware(_HeldAnswers, readers=readers)


class PieceTooLargeError(BrokenOff):
    """A stream came to a piece so large that there is no place for it now: the answer breaks off."""


class _NoPlaceError(Exception):
    """Ends the work for an answer in whose stead another is given."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.error)
        self.problem = problem


@dataclass(slots=True)
class _HeldAnswers:
    app: ASGIApp
    readers: Readers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with ExitStack() as place:
            try:
                await self.app(scope, receive, _Answer(scope, send, self.readers, place).send)
            except _NoPlaceError as refused:
                answer = refused.problem.response(x_request_id(Request(scope)))
                await answer(scope, receive, send)


@dataclass(slots=True)
class _Answer:
    """One answer on its way. Its head waits for the first piece: only then it is known what it will hold."""

    scope: Scope
    next: Send
    readers: Readers
    place: ExitStack
    head: Message | None = None
    held_bytes: int = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.head = message
            return
        if self.head is not None:
            head, self.head = self.head, None
            self._take_place(head, message)
            await self.next(head)
        with ExitStack() as more:
            self._take_more(more, len(message.get("body", b"")))
            await self._send_in_pieces(message)

    def _take_more(self, place: ExitStack, piece_bytes: int) -> None:
        """For a piece that is larger than what its stream holds: one row of a CSV may have megabytes."""
        if not 0 < self.held_bytes < piece_bytes:
            return
        try:
            place.enter_context(self.readers.more_for(self._tenant, piece_bytes - self.held_bytes))
        except Problem as problem:
            raise PieceTooLargeError(problem.error) from problem

    def _take_place(self, head: Message, first: Message) -> None:
        is_stream = first.get("more_body", False)
        if self.scope["path"] in QUIET_ROUTES:  # machines must hear how it stands above all when all is taken
            return
        if not is_stream and len(first.get("body", b"")) <= PIECE_BYTES:
            return
        held = self._stream_bytes(head) if is_stream else len(first["body"])
        try:
            self.place.enter_context(self.readers.one_of(self._tenant, held))
        except Problem as problem:
            raise _NoPlaceError(problem) from problem
        self.held_bytes = held

    @property
    def _tenant(self) -> str:
        state = self.scope.get("state", {})
        return state.get("reader_tenant") or state.get("tenant") or NOBODY

    def _stream_bytes(self, head: Message) -> int:
        most: int = self.scope.get("state", {}).get("reader_bytes", STREAM_BYTES)
        length = Headers(raw=head["headers"]).get("content-length")
        return most if length is None else min(most, int(length))

    async def _send_in_pieces(self, message: Message) -> None:
        body = message.get("body", b"")
        for start in range(0, len(body) - PIECE_BYTES, PIECE_BYTES):
            await self.next({**message, "body": body[start : start + PIECE_BYTES], "more_body": True})
            await asyncio.sleep(0)  # until then uvloop only notes it down, and nobody learns that it waits
        rest = max(0, (len(body) - 1) // PIECE_BYTES * PIECE_BYTES)
        await self.next({**message, "body": body[rest:]})
