"""Following one request to its end: by server-sent events, by long polls where those do not come (pure).

It goes on through dropped connections and restarts of the server; only many tries without news end it.
"""

from dataclasses import dataclass, field, replace

from pixmill.errors import (
    PixmillError,
    RateLimitedError,
    RefusedError,
    StillRunningError,
    UnavailableError,
    UnreachableError,
)
from pixmill.flows.calling import PROBLEM_BEGINS, parsed, refused
from pixmill.flows.effects import Answer, Call, Emit, Flow, Now, Open, Pause, Read
from pixmill.flows.paths import request_path
from pixmill.flows.server_sent import EventReader, ServerEvent
from pixmill.patience import Patience
from pixmill.records import Request

LONGEST_POLL_SECONDS = 30
SILENCE_SECONDS = 45  # the server says every 15 s that a quiet stream lives
LATE_SECONDS = 10  # what is still to come when the caller's time is over is waited for so long
_EVENT_STREAM = "text/event-stream"
_PASSES = (UnreachableError, RateLimitedError, UnavailableError)


@dataclass
class Following:
    """One request while it is followed."""

    request_id: str
    patience: Patience
    timeout_seconds: float | None = None
    _latest: Request | None = None
    _etag: str | None = None
    _failures: int = 0  # since the last news
    _ends: float | None = None
    _streams: bool = True  # false once a stream did not come through
    _reader: EventReader = field(default_factory=EventReader)

    def run(self) -> Flow[Request]:
        """Emits each news of it and returns it as it ended. StillRunningError when the time is over."""
        if self.timeout_seconds is not None:
            self._ends = (yield Now()) + self.timeout_seconds
        while self._latest is None or not self._latest.ended:
            try:
                yield from self._listen()
            except _PASSES as failure:
                yield from self._pause_after(failure)
        return self._latest

    def _listen(self) -> Flow[None]:
        left = yield from self._left_seconds()
        if self._latest is not None and left is not None and left <= 0:
            raise StillRunningError(self._latest)
        if self._streams and (left is None or left > LONGEST_POLL_SECONDS):
            yield from self._stream(left)
        else:
            yield from self._poll(left)

    def _stream(self, left: float | None) -> Flow[None]:
        call = Call(
            "GET",
            request_path(self.request_id, "/events"),
            headers={"accept": _EVENT_STREAM},
            read_seconds=_silence_seconds(SILENCE_SECONDS, left),
            awaits_news=True,
        )
        answer: Answer = yield Open(call)
        if answer.status >= PROBLEM_BEGINS:
            self._streams = False
            raise refused(answer)
        if _EVENT_STREAM not in answer.headers.get("content-type", ""):
            self._streams = False
            return
        self._reader = EventReader()
        while chunk := (yield Read()):
            for event in self._reader.feed(chunk):
                yield from self._take(event, answer)
            left = yield from self._left_seconds()
            if (self._latest and self._latest.ended) or (left is not None and left <= LONGEST_POLL_SECONDS):
                return
        raise UnreachableError("The server ended the stream before the request ended.")

    def _take(self, event: ServerEvent, answer: Answer) -> Flow[None]:
        if event.name == "progress":
            told = replace(answer, body=event.data.encode())
            yield from self._news(parsed(told, Request.from_json))

    def _poll(self, left: float | None) -> Flow[None]:
        seconds = LONGEST_POLL_SECONDS if left is None else min(max(left, 0), LONGEST_POLL_SECONDS)
        call = Call(
            "GET",
            request_path(self.request_id),
            headers={"if-none-match": self._etag} if self._etag else {},
            params={"wait": f"{seconds:g}"} if self._latest else {},
            read_seconds=_silence_seconds(seconds + self.patience.read_seconds, left),
            awaits_news=True,
        )
        answer: Answer = yield Open(call)  # also closes the stream before it, and with it its connection
        if answer.status >= PROBLEM_BEGINS:
            raise refused(answer)
        body = yield from self._body()
        self._failures = 0
        if body:
            self._etag = answer.headers.get("etag")
            yield from self._news(parsed(replace(answer, body=body), Request.from_json))

    def _body(self) -> Flow[bytes]:
        """A server that sends a byte now and then is never silent, and must not keep the caller either."""
        chunks = []
        while chunk := (yield Read()):
            chunks.append(chunk)
            left = yield from self._left_seconds()
            if left is not None and left < -LATE_SECONDS:
                raise UnreachableError("The server sends its answer too slowly.")
        return b"".join(chunks)

    def _news(self, request: Request) -> Flow[None]:
        self._failures = 0
        if self._latest is None or request != self._latest:
            self._latest = request
            yield Emit(request)

    def _left_seconds(self) -> Flow[float | None]:
        if self._ends is None:
            return None
        now: float = yield Now()
        return self._ends - now

    def _pause_after(self, failure: PixmillError) -> Flow[None]:
        self._failures += 1
        if self._failures >= self.patience.tries_of_a_wait:
            raise failure
        asked = failure.retry_after_seconds if isinstance(failure, RefusedError) else None
        pause = min(self.patience.pause_seconds(self._failures, asked), self.patience.longest_pause_seconds)
        left = yield from self._left_seconds()
        yield Pause(pause if left is None else max(min(pause, left), 0), failure)
        if left is not None and left <= 0:
            raise StillRunningError(self._latest) if self._latest else failure


def _silence_seconds(longest: float, left: float | None) -> float:
    """How long a call may hear nothing. A server that is silent must not keep the caller much longer than it
    wants to wait.
    """
    return longest if left is None else min(longest, max(left, 0) + LATE_SECONDS)
