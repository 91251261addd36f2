"""One image from request to result: fetch, keep the original, compress, keep the output, tell.

It knows no broker; whatever is wrong with an image is told, and only a store that is away is raised.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from services.processor.decoders.budget import TakingTurns
from services.processor.formats import sniff
from services.processor.verdicts import Compressed, Failure, NoTurn
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.codes import FailureCode, meaning_of
from shared.contract.events import ImageDone, ImageFormat, ImageOutcome, ImageRequested, StageTimes
from shared.contract.keys import original_key, output_key
from shared.contract.picture_formats import PictureFormat
from shared.contract.trace_context import trace_headers
from shared.observing.logs import Action, log
from shared.store import Refused, Store


class Fetching(Protocol):
    """The internet, as the handler sees it."""

    def fetched(self, url: str) -> AbstractAsyncContextManager[bytes | Failure]:
        """The body at this URL, or why there is none; in memory while the block lasts."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    fetcher: Fetching
    decoders: TakingTurns
    store: Store
    now: Callable[[], datetime]
    clock: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class _Work:
    """What is known so far of one image."""

    message: Incoming[ImageRequested]
    clock: Callable[[], float]
    started: float
    original_key: str | None = None
    bytes_in: int = 0
    milliseconds: dict[str, float] = field(default_factory=dict)  # by the names of StageTimes

    @property
    def event(self) -> ImageRequested:
        return self.message.event

    def lap(self, stage: str, since: float) -> float:
        now = self.clock()
        name = f"{stage}_ms"
        self.milliseconds[name] = self.milliseconds.get(name, 0) + (now - since) * 1000
        return now

    def times(self) -> StageTimes:
        times = self.milliseconds | {"total_ms": (self.clock() - self.started) * 1000}
        return StageTimes(**{name: round(time_ms, 2) for name, time_ms in times.items()})


async def handle(message: Incoming[ImageRequested], dependencies: Dependencies) -> Sequence[Outgoing]:
    event = message.event
    if dependencies.now() > event.take_by:
        return (_stale(message, dependencies),)
    started = dependencies.clock()
    work = _Work(message, dependencies.clock, started)
    try:
        async with dependencies.fetcher.fetched(event.url) as body:
            since = work.lap("fetch", started)
            ended = body if isinstance(body, Failure) else await _process(body, work, since, dependencies)
    except NoTurn:
        return (_stale(message, dependencies),)
    if isinstance(ended, Failure):
        return (_failed(work, ended, dependencies.now()),)
    return (ended,)


def _stale(message: Incoming[ImageRequested], dependencies: Dependencies) -> Outgoing:
    """No verdict on the image: it comes again."""
    return _outgoing(message, dependencies.now(), outcome=ImageOutcome.STALE)


async def report_dead(message: Incoming[ImageRequested], dependencies: Dependencies) -> Sequence[Outgoing]:
    """A bug kept this image from being handled: it ends, so that its request does not wait for ever."""
    work = _Work(message, dependencies.clock, dependencies.clock())
    return (_failed(work, Failure(FailureCode.INTERNAL), dependencies.now()),)


async def _process(body: bytes, work: _Work, since: float, dependencies: Dependencies) -> Outgoing | Failure:
    event = work.event
    work.bytes_in = len(body)
    picture_format = sniff(body)
    if isinstance(picture_format, Failure):
        return picture_format
    key = original_key(event.request_id, event.ordinal, _sha256(body), picture_format.extension)
    try:
        await dependencies.store.put(key, body)
        work.original_key = key
        since = work.lap("store", since)
        async with dependencies.decoders.turn(body, picture_format) as decoders:
            since = work.lap("queue", since)
            verdict = await decoders.compress(body, event.quality, _wanted(event.format))
        since = work.lap("codec", since)
        if isinstance(verdict, Failure):
            return verdict
        work.milliseconds |= {"decode_ms": verdict.decode_ms, "encode_ms": verdict.encode_ms}
        sha256 = _sha256(verdict.data)
        output = output_key(event.request_id, event.ordinal, sha256, verdict.format.extension)
        await dependencies.store.put(output, verdict.data)
        work.lap("store", since)
    except Refused as refused:
        return Failure(FailureCode.STORE_REFUSED, str(refused)[:300])
    return _done(work, verdict, output, sha256, dependencies.now())


def _wanted(image_format: ImageFormat) -> PictureFormat | None:
    return None if image_format is ImageFormat.KEEP else PictureFormat(image_format.value)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _done(work: _Work, verdict: Compressed, key: str, sha256: str, now: datetime) -> Outgoing:
    return _outgoing(
        work.message,
        now,
        outcome=ImageOutcome.DONE,
        original_key=work.original_key,
        output_key=key,
        bytes_in=work.bytes_in,
        bytes_out=len(verdict.data),
        width=verdict.width,
        height=verdict.height,
        format=verdict.format,
        sha256=sha256,
        recompressed=verdict.recompressed,
        times=work.times(),
    )


def _failed(work: _Work, failure: Failure, now: datetime) -> Outgoing:
    event = work.event
    log.info(
        Action.IMAGE_FAILED,
        request_id=event.request_id,
        image_id=event.image_id,
        attempt=event.attempt,
        code=failure.code,
        detail=failure.detail,
    )
    return _outgoing(
        work.message,
        now,
        outcome=ImageOutcome.FAILED,
        code=failure.code,
        retryable=meaning_of(failure.code).retryable,
        retry_after_seconds=failure.retry_after_seconds,
        detail=failure.detail,
        original_key=work.original_key,
        bytes_in=work.bytes_in,
        times=work.times(),
    )


def _outgoing(message: Incoming[ImageRequested], now: datetime, **result: Any) -> Outgoing:
    event = message.event
    done = ImageDone(
        request_id=event.request_id,
        image_id=event.image_id,
        ordinal=event.ordinal,
        run=event.run,
        attempt=event.attempt,
        **result,
    )
    return Outgoing(done, now, trace_headers(message.traceparent))
