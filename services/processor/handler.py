"""One image from request to result: fetch, compress, keep original and output, tell.

It knows no broker; whatever is wrong with an image is told, and only a store that is away is raised.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID

from services.processor.answers import asked_too_early, done, failed, stale, told
from services.processor.fetching.outages import Told
from services.processor.formats.sniff import sniff
from services.processor.ports import Dependencies
from services.processor.verdicts import Compressed, Failure, NotNow, NoVerdict
from services.processor.work import ToStore, Work
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.codes import FailureCode
from shared.contract.events import ImageDone, ImageFormat, ImageRequested
from shared.contract.keys import original_key, output_key
from shared.contract.picture_formats import PictureFormat
from shared.observing.logs import Action, log
from shared.outcomes import Away
from shared.patience import Patience
from shared.store import Refused

# By then an image that still waits for something of ours is given back: status soon takes it for lost.
ATTEMPT_SECONDS = 150.0
HASHED_INLINE_BYTES = 1024 * 1024  # half a millisecond; less is not worth the way to a thread and back

# So long after its take_by a message is one of a replay. Less says nothing: our clock is not status's clock.
REPLAYED = timedelta(hours=1)
# An image that comes so often has been given back again and again: then it is our clock that is wrong.
REPLAYED_ATTEMPTS = 5

KeyOf = Callable[[UUID, int, str, str], str]


async def handle(message: Incoming[ImageRequested], dependencies: Dependencies) -> Sequence[Outgoing]:
    work = Work(message=message, dependencies=dependencies, started=dependencies.clock())
    if _is_replayed(work):
        return told(work, stale(work))
    try:
        with Patience(ATTEMPT_SECONDS, dependencies.gathering.loop) as patience:
            event = await _process(work)
    except NoVerdict:
        return told(work, stale(work))
    except TimeoutError:
        if not patience.has_ended:
            raise
        return told(work, stale(work))
    dependencies.scouting.ended()
    return told(work, event)


def _is_replayed(work: Work) -> bool:
    return work.event.attempt <= REPLAYED_ATTEMPTS and work.dependencies.now() - work.event.take_by > REPLAYED


async def report_dead(message: Incoming[ImageRequested], dependencies: Dependencies) -> Sequence[Outgoing]:
    """A bug kept this image from being handled: it ends, so that its request does not wait for ever."""
    work = Work(message=message, dependencies=dependencies, started=dependencies.clock())
    return told(work, failed(work, Failure(FailureCode.INTERNAL)))


async def _process(work: Work) -> ImageDone:
    async with AsyncExitStack() as in_memory:
        with work.timed("queue"):
            places = work.dependencies.places
            place = await in_memory.enter_async_context(places.place(work.event.request_id))
        await work.dependencies.scouting.go_ahead()
        in_memory.enter_context(work.dependencies.gathering.under_way(work.event.request_id))
        with work.timed("fetch"):
            event = work.event
            told_of_it = Told(not event.failures, event.host_away_seconds, event.host_answered_url)
            fetched = work.dependencies.fetcher.fetched(event.url, told_of_it)
            body = await in_memory.enter_async_context(fetched)
        match body:
            case Failure():
                return failed(work, body)
            case NotNow():
                return asked_too_early(work, body)
        work.bytes_in = len(body)
        in_memory.enter_context(work.dependencies.gathering.at_work())
        picture_format = sniff(body)
        if isinstance(picture_format, Failure):
            return failed(work, picture_format)
        decoders = work.dependencies.decoders
        work.pixels = decoders.pixels_of(body, picture_format)
        place.weigh(decoders.seconds_of(work.pixels))
        try:
            return await _kept_and_compressed(work, body, picture_format)
        except Refused as refused:
            return failed(work, Failure(FailureCode.STORE_REFUSED, str(refused)[:300]))


async def _kept_and_compressed(work: Work, body: bytes, picture_format: PictureFormat) -> ImageDone:
    original = await _to_store(work, body, original_key, picture_format)
    verdict = await _compressed(work, body)
    if isinstance(verdict, Failure):
        await _store(work, original)
        work.original_key = original.key
        if verdict.code is FailureCode.VERIFICATION_FAILED:
            log.error(Action.OUTPUT_DIFFERS, original_key=work.original_key, detail=verdict.detail)
        return failed(work, verdict)
    output = await _to_store(work, verdict.data, output_key, verdict.format)
    await _store(work, original, output)
    work.original_key = original.key
    return done(work, verdict, output)


async def _to_store(work: Work, data: bytes, key_of: KeyOf, picture_format: PictureFormat) -> ToStore:
    with work.timed("store"):
        sha256 = await _sha256(data)
    key = key_of(work.event.request_id, work.event.ordinal, sha256, picture_format.extension)
    return ToStore(key, sha256, data)


async def _store(work: Work, *files: ToStore) -> None:
    """Beside those of other images that end now, and as one round with them."""
    with work.timed("queue"):
        size_bytes = sum(len(file.data) for file in files)
        await work.dependencies.gathering.wait(work.event.request_id, size_bytes)
    scouting = work.dependencies.scouting
    with work.timed("store"):
        try:
            await work.dependencies.store.put_all([(file.key, file.data) for file in files])
        except Away as away:
            scouting.missed(away)
            raise
    scouting.kept()


async def _sha256(data: bytes) -> str:
    """Of 25 MB it takes as long as many small images: the event loop does not wait for it."""
    if len(data) <= HASHED_INLINE_BYTES:
        return hashlib.sha256(data).hexdigest()
    return await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())


async def _compressed(work: Work, body: bytes) -> Compressed | Failure:
    event = work.event
    async with AsyncExitStack() as turn:
        with work.timed("queue"):
            decoder = await turn.enter_async_context(work.dependencies.decoders.turn(work.pixels))
        with work.timed("codec"):
            verdict = await decoder.compress(body, event.quality, _wanted(event.format))
    if isinstance(verdict, Compressed):
        work.decode_ms, work.encode_ms = verdict.decode_ms, verdict.encode_ms
    return verdict


def _wanted(image_format: ImageFormat) -> PictureFormat | None:
    return None if image_format is ImageFormat.KEEP else PictureFormat(image_format.value)
