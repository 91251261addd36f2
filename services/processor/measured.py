"""Counts and times images for the metrics, from messages and answers alone: the handler knows no metric."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import assert_never

from shared.consuming.handling import HandleEach, Incoming, Outgoing
from shared.contract.codes import Code, FailureCode, HttpCode
from shared.contract.events import ImageDone, ImageOutcome, ImageRequested, StageTimes
from shared.observing.metrics import HOST_REFUSALS, IMAGE_BYTES, IMAGES, QUEUE_WAIT, STAGE_SECONDS

STAGES = tuple(name for name in StageTimes.model_fields if name.endswith("_ms"))


def measured(handle: HandleEach[ImageRequested], now: Callable[[], datetime]) -> HandleEach[ImageRequested]:
    # A series that begins with its first hides that one.
    for outcome in (ImageOutcome.DONE, ImageOutcome.STALE):
        IMAGES.labels(outcome.value, "none")
    IMAGES.labels(ImageOutcome.FAILED.value, FailureCode.VERIFICATION_FAILED.value)

    async def handle_and_measure(message: Incoming[ImageRequested]) -> Sequence[Outgoing]:
        # Measured by two machines' clocks: their difference is in it, and it never reads below zero.
        QUEUE_WAIT.observe(max(0.0, (now() - message.time).total_seconds()))
        answers = await handle(message)
        for answer in answers:
            if isinstance(answer.event, ImageDone):
                _measure(answer.event)
        return answers

    return handle_and_measure


def _measure(done: ImageDone) -> None:
    IMAGES.labels(done.outcome.value, bounded_code(done.code)).inc()
    HOST_REFUSALS.inc(done.refused)
    IMAGE_BYTES.labels("in").inc(done.bytes_in)
    IMAGE_BYTES.labels("out").inc(done.bytes_out)
    for name in STAGES:
        milliseconds = getattr(done.times, name)
        if milliseconds:
            _observer_of(name)(milliseconds / 1000)


@cache
def _observer_of(stage: str) -> Callable[[float], None]:
    return STAGE_SECONDS.labels(stage.removesuffix("_ms")).observe


def bounded_code(code: Code | None) -> str:
    """A host may answer any status there is: of http_NNN only the family stays."""
    match code:
        case None:
            return "none"
        case FailureCode():
            return code.value
        case HttpCode():
            return f"http_{code.status // 100}xx"
        case _:
            assert_never(code)
