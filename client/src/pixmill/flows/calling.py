"""One call and its answer: tried again where that can help, an error where the answer is one (pure)."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from pixmill.errors import NotPixmillError, PixmillError, RefusedError, UnreachableError, refusal
from pixmill.flows.effects import Answer, Call, Flow, Open, Pause, Send
from pixmill.patience import Patience
from pixmill.records import NOT_SO

T = TypeVar("T")

PROBLEM_BEGINS = 400
_TRIED_AGAIN = frozenset({429, 502, 503, 504})
_NOTHING_DONE = frozenset({429, 503})  # also what must not be sent twice may follow these
# Ends when the tenant's images do: nothing to wait for in a call.
_NOT_FOR_A_WHILE = frozenset({"too-many-images"})


def json_of(call: Call, patience: Patience, read: Callable[[Any], T]) -> Flow[T]:
    """What `read` makes of the answer's JSON."""
    answer = yield from answered(Send(call), patience)
    return parsed(answer, read)


def answered(effect: Send | Open, patience: Patience) -> Flow[Answer]:
    """An answer that is no error; raises what the last try came to."""
    for attempt in range(1, patience.tries + 1):
        failure: PixmillError
        try:
            answer: Answer = yield effect
        except UnreachableError as error:
            failure = error
        else:
            if answer.status < PROBLEM_BEGINS:
                return answer
            failure = refused(answer)
        if attempt == patience.tries or not _may_repeat(failure, effect.call, patience):
            raise failure
        yield Pause(patience.pause_seconds(attempt, _retry_after(failure)), failure)
    raise AssertionError("unreachable")


def opened(call: Call, patience: Patience) -> Flow[Answer]:
    """As `answered`, with the body left to be read."""
    return (yield from answered(Open(call), patience))


def parsed(answer: Answer, read: Callable[[Any], T]) -> T:
    try:
        content = json.loads(answer.body)
    except NOT_SO as error:
        raise NotPixmillError(_not_pixmill(answer)) from error
    try:
        return read(content)
    except NOT_SO as error:
        raise NotPixmillError("What answers there is not Pixmill: its JSON says something else.") from error


def refused(answer: Answer) -> RefusedError:
    """Of any answer that is an error, also one that does not come from Pixmill."""
    try:
        problem = json.loads(answer.body)
    except NOT_SO:
        problem = None
    if not isinstance(problem, Mapping):
        problem = {"status": answer.status, "error": _not_pixmill(answer)}
    return refusal(answer.status, problem, retry_after(answer.headers.get("retry-after")))


def retry_after(value: str | None) -> float | None:
    """Seconds, of either form that the header has; None for anything else."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    when = moment_of(value)
    return None if when is None else max((when - datetime.now(timezone.utc)).total_seconds(), 0.0)


def moment_of(date: str) -> datetime | None:
    """Of a header; None for what is no date."""
    try:
        moment = parsedate_to_datetime(date)
    except NOT_SO:  # ArithmeticError: a year or a zone beyond any calendar
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _may_repeat(failure: PixmillError, call: Call, patience: Patience) -> bool:
    if isinstance(failure, UnreachableError):
        return call.repeatable or not failure.may_have_arrived
    if not isinstance(failure, RefusedError) or failure.kind in _NOT_FOR_A_WHILE:
        return False
    worth_it = _TRIED_AGAIN if call.repeatable else _NOTHING_DONE
    pause = failure.retry_after_seconds
    return failure.status in worth_it and (pause is None or pause <= patience.longest_pause_seconds)


def _retry_after(failure: PixmillError) -> float | None:
    return failure.retry_after_seconds if isinstance(failure, RefusedError) else None


def _not_pixmill(answer: Answer) -> str:
    kind = answer.headers.get("content-type", "nothing").split(";")[0]
    return f"What answers there is not Pixmill: HTTP status {answer.status} with {kind} instead of JSON."
