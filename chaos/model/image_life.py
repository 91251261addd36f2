"""One image between dispatcher, topics, processors and sweeper, over the real rule for its results (pure).

A message that was published may be taken any number of times, by several processors, also long after; an
answer may be read any number of times and in any order; either may be lost. What an image's host says is
fixed at the start: what happens to us must not change it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from chaos.model.explore import Promises, Steps
from services.status.images.rules import MAX_FAILURES, MAX_LOSSES, ImageNow, Result, judge
from services.status.records.states import ENDED_IMAGES, ImageState
from shared.contract.codes import FailureCode
from shared.contract.events import ImageDone, ImageOutcome

REQUEST = UUID(int=1)
RUNS = 2
STALE_ANSWERS = 2  # as many are ours: too late, or of a member that cannot work

Attempt = tuple[int, int]  # run, number
Named = tuple[str, "ImageLife"]  # a step


@dataclass(frozen=True, slots=True)
class Host:
    """What a processor that works can tell of the image."""

    serves_it: bool = True
    fails_at_times: bool = False

    def answers(self, attempt: Attempt) -> Iterable["Answer"]:
        if self.serves_it:
            yield Answer(attempt, ImageOutcome.DONE)
        if self.fails_at_times:
            yield Answer(attempt, ImageOutcome.FAILED, retryable=True)
        if not self.serves_it:
            yield Answer(attempt, ImageOutcome.FAILED)


SERVES_WELL = Host()
FAILS_AT_TIMES = Host(fails_at_times=True)
HAS_NO_IMAGE = Host(serves_it=False)


@dataclass(frozen=True, slots=True)
class Answer:
    attempt: Attempt
    outcome: ImageOutcome
    retryable: bool = False

    def __str__(self) -> str:
        run, number = self.attempt
        return f"{self.outcome} of {run}/{number}{' to be tried again' if self.retryable else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLife:
    """Everything that can make a difference to what comes."""

    image: ImageNow
    run: int = 1  # of its request
    closed: bool = False  # the run has ended, or is about to
    unsent: bool = False  # the attempt was claimed, and its message is still to be published
    asked: frozenset[Attempt] = frozenset()  # published, and therefore to be taken at any time
    answers: frozenset[Answer] = frozenset()  # written, and therefore to be read at any time
    counted: frozenset[Attempt] = frozenset()  # attempts of this run that counted as a failure or a loss

    @property
    def is_of_this_run(self) -> bool:
        return self.image.run == self.run


START = ImageLife(image=ImageNow(state=ImageState.PLANNED, run=1, attempt=0))


def steps_with(host: Host) -> Steps[ImageLife]:
    return partial(_steps, host)


def _steps(host: Host, life: ImageLife) -> Iterable[Named]:
    yield from _asked(life)
    for attempt in sorted(life.asked):
        yield from _answered(host, life, attempt)
    for answer in sorted(life.answers, key=str):
        yield f"read {answer}", _judged(life, _result(answer))
    yield from _swept(life)
    yield from _ended_or_begun_again(life)


def _asked(life: ImageLife) -> Iterable[Named]:
    image = life.image
    if life.closed:
        return
    if _is_to_be_asked_for(life):
        begun = image if life.is_of_this_run else ImageNow(state=ImageState.PLANNED, run=life.run, attempt=0)
        claimed = begun._replace(state=ImageState.REQUESTED, attempt=begun.attempt + 1)
        yield f"claim {claimed.attempt} and die", replace(life, image=claimed, unsent=True)
        yield f"ask {claimed.attempt}", _published(replace(life, image=claimed))
    elif life.unsent:
        yield f"ask {image.attempt} anew", _published(life)


def _is_to_be_asked_for(life: ImageLife) -> bool:
    """A new run asks again for all that an earlier one did not bring to success."""
    if life.is_of_this_run:
        return life.image.state is ImageState.PLANNED
    return life.image.state is not ImageState.DONE


def _published(life: ImageLife) -> ImageLife:
    return replace(life, asked=life.asked | {(life.image.run, life.image.attempt)}, unsent=False)


def _answered(host: Host, life: ImageLife, attempt: Attempt) -> Iterable[Named]:
    told = list(host.answers(attempt))
    if sum(each.outcome is ImageOutcome.STALE for each in life.answers) < STALE_ANSWERS:
        told.append(Answer(attempt, ImageOutcome.STALE))
    for answer in told:
        if answer not in life.answers:
            yield f"answer {answer}", replace(life, answers=life.answers | {answer})
    yield f"lose {attempt[0]}/{attempt[1]}", replace(life, asked=life.asked - {attempt})


def _swept(life: ImageLife) -> Iterable[Named]:
    image = life.image
    if image.state is not ImageState.REQUESTED or life.closed:
        return
    lost = Result(request_id=REQUEST, ordinal=0, run=image.run, attempt=image.attempt)
    if (image.run, image.attempt) not in life.asked:  # the broker says that nothing is left to take
        yield "sweep: it reached nobody", _judged(life, lost._replace(reached_nobody=True))
    yield "sweep: lost", _judged(life, lost)


def _ended_or_begun_again(life: ImageLife) -> Iterable[Named]:
    if not life.closed:
        # All have ended, or somebody cancelled it.
        yield "end the run", replace(life, closed=True, unsent=False)
    elif life.run < RUNS and life.image.state is not ImageState.DONE:
        yield "try the rest again", replace(life, run=life.run + 1, closed=False, counted=frozenset())


def _judged(life: ImageLife, result: Result) -> ImageLife:
    if life.closed:
        return life
    before, after = life.image, judge(life.image, result, life.run)
    if after is before:
        return life
    counts = (after.failures, after.losses) != (before.failures, before.losses)
    counted = life.counted | {(result.run, result.attempt)} if counts else life.counted
    # When it is due does not matter: every order is walked.
    return replace(life, image=after._replace(due_in_seconds=None), unsent=False, counted=counted)


def _result(answer: Answer) -> Result:
    run, attempt = answer.attempt
    event = ImageDone(
        request_id=REQUEST,
        image_id=REQUEST,
        ordinal=0,
        run=run,
        attempt=attempt,
        outcome=answer.outcome,
        retryable=answer.retryable,
        code=FailureCode.TIMED_OUT if answer.outcome is ImageOutcome.FAILED else None,
    )
    return Result(request_id=REQUEST, ordinal=0, run=run, attempt=attempt, event=event)


def _keeps_an_end(before: ImageLife, after: ImageLife) -> bool:
    if not before.is_of_this_run or before.image.state not in ENDED_IMAGES or before.run != after.run:
        return True
    return after.image == before.image


def _keeps_a_success(before: ImageLife, after: ImageLife) -> bool:
    return before.image.state is not ImageState.DONE or after.image == before.image


def _counts_an_attempt_once(before: ImageLife, after: ImageLife) -> bool:
    if before.run != after.run or before.image.run != after.image.run:
        return True
    was, now = before.image, after.image
    added = now.failures + now.losses - was.failures - was.losses
    return added == len(after.counted) - len(before.counted)


def _leaves_what_is_closed(before: ImageLife, after: ImageLife) -> bool:
    return not before.closed or after.run != before.run or after.image == before.image


def _was_told_a_success(life: ImageLife) -> bool:
    told = {each.attempt[0] for each in life.answers if each.outcome is ImageOutcome.DONE}
    return life.image.state is not ImageState.DONE or life.image.run in told


def _has_a_cause_to_fail(life: ImageLife) -> bool:
    """Told for good by its host, or told as often as is tried, or taken as often in silence."""
    image = life.image
    if image.state is not ImageState.FAILED or image.failures >= MAX_FAILURES or image.losses >= MAX_LOSSES:
        return True
    of_this_run = (each for each in life.answers if each.attempt[0] == image.run)
    return any(each.outcome is ImageOutcome.FAILED and not each.retryable for each in of_this_run)


def _can_still_succeed(life: ImageLife) -> bool:
    """Nothing waits for ever: asked for once more and answered well, an open image is done."""
    if life.closed or (life.is_of_this_run and life.image.state in ENDED_IMAGES):
        return True
    for wanted in (
        "sweep: it reached nobody",
        "ask",
        f"answer done of {life.run}/",
        f"read done of {life.run}/",
    ):
        life = next((then for name, then in _steps(SERVES_WELL, life) if name.startswith(wanted)), life)
    return life.image.state is ImageState.DONE


def _is_failed_by_silence_alone(life: ImageLife) -> bool:
    """However busy, sick or cut off we are."""
    return life.image.state is not ImageState.FAILED or life.image.losses >= MAX_LOSSES


PROMISES = Promises(
    of_steps={
        "an end is kept": _keeps_an_end,
        "a success is kept for ever": _keeps_a_success,
        "an attempt counts once": _counts_an_attempt_once,
        "nothing closed changes": _leaves_what_is_closed,
    },
    of_states={
        "a success was told": _was_told_a_success,
        "a failure has its cause": _has_a_cause_to_fail,
        "an open image can still succeed": _can_still_succeed,
    },
)
GOOD_HOST = Promises(
    of_steps={}, of_states={"a good host fails no image, but for silence": _is_failed_by_silence_alone}
)
