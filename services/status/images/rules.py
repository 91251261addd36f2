"""Which result of an image stands (pure). Every result, also one that never came, is judged here alone."""

from typing import NamedTuple, assert_never
from uuid import UUID

from services.status.records.states import ENDED_IMAGES, ImageState
from shared.contract.codes import Code, FailureCode
from shared.contract.events import ImageDone, ImageOutcome
from shared.outbound.retry_after import within_reason
from shared.outcomes import Invalid

BACKOFF_SECONDS = (1.0, 5.0)  # after the first and the second failure; the one behind these ends the image
MAX_FAILURES = len(BACKOFF_SECONDS) + 1
MAX_LOSSES = 5
LOSS_BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 60.0  # of what is asked for again, however often, for reasons of ours or its host's
REFUSED_SECONDS = 3_600.0  # an image that its host turns away fails after so long
LEAST_REFUSALS = 5  # and so often: at a busy host an image waits for hours, and is turned away by chance


class ImageNow(NamedTuple):  # one for each result: a tuple is made and changed in a third of the time
    """What the judgement needs of an image's row."""

    state: ImageState
    run: int
    attempt: int
    failures: int = 0
    losses: int = 0
    refusals: int = 0  # by its host, in this run
    refused_seconds: float = 0.0  # since the first of them, by Postgres's clock
    code: Code | None = None
    due_in_seconds: float | None = None  # of a retry


class Result(NamedTuple):
    """The end of one attempt. Without an event nobody answered: a loss, unless it never reached anybody."""

    request_id: UUID
    ordinal: int
    run: int
    attempt: int
    event: ImageDone | None = None
    reached_nobody: bool = False


def result_of(event: ImageDone) -> Result:
    if event.outcome is ImageOutcome.DONE and event.output_key is None:
        raise Invalid("an image that is done needs an output_key")
    return Result(
        request_id=event.request_id,
        ordinal=event.ordinal,
        run=event.run,
        attempt=event.attempt,
        event=event,
    )


def judge(image: ImageNow, result: Result, run: int) -> ImageNow:
    """The image after this result of an open request's current run; the same image if it changes nothing.

    A success of any attempt ends an image that is still open. A failure or a loss counts only for the attempt
    that is in flight, so that a repeat of it changes nothing.
    """
    if result.run != run or image.run != run or image.state in ENDED_IMAGES:
        return image
    if result.event is not None and result.event.outcome is ImageOutcome.DONE:
        return image._replace(state=ImageState.DONE, code=None, due_in_seconds=None)
    if image.state is not ImageState.REQUESTED or result.attempt != image.attempt:
        return image
    if result.reached_nobody:
        return _ask_again(image)
    return _lose(image) if result.event is None else _without_success(image, result.event)


def _without_success(image: ImageNow, event: ImageDone) -> ImageNow:
    match event.outcome:
        case ImageOutcome.STALE if event.retry_after_seconds is not None:
            return _ask_later(image, event, event.retry_after_seconds)
        case ImageOutcome.STALE:
            return _ask_again(image)
        case ImageOutcome.FAILED:
            return _fail(image, event)
        case ImageOutcome.DONE:
            raise AssertionError("a success is judged before")
        case _:
            assert_never(event.outcome)


def _fail(image: ImageNow, event: ImageDone) -> ImageNow:
    failures = image.failures + 1
    code = event.code or FailureCode.INTERNAL
    if not event.retryable or failures >= MAX_FAILURES:
        return image._replace(state=ImageState.FAILED, failures=failures, code=code)
    wait_seconds = BACKOFF_SECONDS[failures - 1]
    return image._replace(
        state=ImageState.PLANNED,
        failures=failures,
        code=code,
        due_in_seconds=max(wait_seconds, within_reason(event.retry_after_seconds)),
    )


def _ask_later(image: ImageNow, event: ImageDone, asked_seconds: float) -> ImageNow:
    """Its host takes only so many requests for now: no failure and no loss. Where the host itself turned this
    image away, that counts by itself.
    """
    code, wait_seconds = event.code or image.code, within_reason(asked_seconds)
    if not event.refused:
        wait_seconds = max(wait_seconds, LOSS_BACKOFF_SECONDS)
        return image._replace(state=ImageState.PLANNED, code=code, due_in_seconds=wait_seconds)
    refusals = image.refusals + 1
    if refusals >= LEAST_REFUSALS and image.refused_seconds >= REFUSED_SECONDS:
        code = code or FailureCode.INTERNAL
        return image._replace(state=ImageState.FAILED, refusals=refusals, code=code)
    wait_seconds = max(wait_seconds, _backoff_seconds(refusals))
    return image._replace(state=ImageState.PLANNED, refusals=refusals, code=code, due_in_seconds=wait_seconds)


def _ask_again(image: ImageNow) -> ImageNow:
    """What is ours says nothing of the image, and never ends it: a queue, a sick member, a lost message."""
    return image._replace(state=ImageState.PLANNED, due_in_seconds=_backoff_seconds(image.attempt))


def _backoff_seconds(times: int) -> float:
    return min(LOSS_BACKOFF_SECONDS * 2.0 ** min(times - 1, 10), LONGEST_BACKOFF_SECONDS)


def _lose(image: ImageNow) -> ImageNow:
    losses = image.losses + 1
    if losses >= MAX_LOSSES:
        return image._replace(state=ImageState.FAILED, losses=losses, code=FailureCode.ABANDONED)
    return image._replace(state=ImageState.PLANNED, losses=losses, due_in_seconds=LOSS_BACKOFF_SECONDS)
