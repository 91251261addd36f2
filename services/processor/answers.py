"""Makes the image.done of an image, whichever way it ended. It decides nothing."""

from collections.abc import Sequence

from services.processor.verdicts import Compressed, Failure, NotNow
from services.processor.work import ToStore, Work
from shared.consuming.handling import Outgoing
from shared.contract.codes import meaning_of
from shared.contract.events import ImageDone, ImageOutcome
from shared.contract.trace_context import trace_headers
from shared.observing.logs import Action, log


def stale(work: Work) -> ImageDone:
    """No verdict on the image: it comes again."""
    return ImageDone(**work.event.attempt_names(), outcome=ImageOutcome.STALE)


def asked_too_early(work: Work, not_now: NotNow) -> ImageDone:
    """Its host takes no more for the moment, which is no failure of the image."""
    return ImageDone(
        **work.event.attempt_names(),
        outcome=ImageOutcome.STALE,
        code=not_now.code,
        retry_after_seconds=not_now.retry_after_seconds,
        refused=not_now.was_refused,
        times=work.times(),
    )


def done(work: Work, verdict: Compressed, output: ToStore) -> ImageDone:
    return ImageDone(
        **work.event.attempt_names(),
        outcome=ImageOutcome.DONE,
        original_key=work.original_key,
        output_key=output.key,
        bytes_in=work.bytes_in,
        bytes_out=len(verdict.data),
        width=verdict.width,
        height=verdict.height,
        format=verdict.format,
        sha256=output.sha256,
        recompressed=verdict.recompressed,
        times=work.times(),
    )


def failed(work: Work, failure: Failure) -> ImageDone:
    event = work.event
    log.info(
        Action.IMAGE_FAILED,
        request_id=event.request_id,
        image_id=event.image_id,
        attempt=event.attempt,
        code=failure.code,
        detail=failure.detail,
    )
    return ImageDone(
        **event.attempt_names(),
        outcome=ImageOutcome.FAILED,
        code=failure.code,
        retryable=meaning_of(failure.code).retryable,
        retry_after_seconds=failure.retry_after_seconds,
        detail=failure.detail,
        original_key=work.original_key,
        bytes_in=work.bytes_in,
        times=work.times(),
    )


def told(work: Work, done: ImageDone) -> Sequence[Outgoing]:
    return (Outgoing(done, work.dependencies.now(), trace_headers(work.message.traceparent)),)
