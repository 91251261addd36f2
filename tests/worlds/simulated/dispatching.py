"""Requests between a dispatcher and its processors, simulated over the service's own rules for turns,
windows, places and results. It runs in any loop; use one whose clock jumps.
"""

import asyncio
import math
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.processor.fetching.outages import Told
from services.processor.verdicts import Failure, NotNow
from services.status.images.dispatching.fairness import Candidate, Room, fair_order
from services.status.images.hosts.host_places import SILENT_CODES, Asked, Heard, HostPlaces, came_back_unasked
from services.status.images.hosts.limited_hosts import TURNED_AWAY_CODES, LimitedHosts
from services.status.images.rules import ImageNow, Result, judge
from services.status.images.window import Flow, excused, observed, overdue_seconds, request_limit, window
from services.status.records.states import ENDED_IMAGES, ImageState
from shared.contract.events import ImageDone, ImageOutcome, Priority

PASS_SECONDS = 0.1
WORK_SECONDS = 0.2
OVERDUE_SECONDS = overdue_seconds(WORK_SECONDS)
BATCH_IMAGES = 500
NOTHING_YET = Flow(total=0, total_work_seconds=0.0, read_at=0.0)

Work = Callable[[str, int, ImageNow], Awaitable[ImageDone]]  # host, ordinal, and the image as it is asked for
HostOf = Callable[[int], str]  # by the image's ordinal


@dataclass
class Simulated:
    """One request between a dispatcher and its processors."""

    number: int
    images: list[ImageNow]
    work: Work
    host_of: HostOf
    waiting: list[tuple[float, int]] = field(default_factory=list)  # (due, ordinal), in this order
    flow: Flow = NOTHING_YET
    asked_at: dict[int, float] = field(default_factory=dict)  # of what is in flight
    refused_at: dict[int, float] = field(default_factory=dict)  # first, of what its host turned away
    told: dict[int, Told] = field(default_factory=dict)  # of each as it was asked for
    sent: int = 0
    ended: int = 0
    ended_at: float | None = None
    last_good_at: float = 0.0

    @property
    def in_flight(self) -> int:
        return len(self.asked_at)

    def overdue(self, now: float) -> int:
        return sum(now - asked_at > OVERDUE_SECONDS for asked_at in self.asked_at.values())

    def ready(self, now: float) -> int:
        return bisect_right(self.waiting, (now, math.inf))

    def take(self, now: float) -> tuple[int, ImageNow]:
        _, ordinal = self.waiting.pop(0)
        image = self.images[ordinal]
        asked = image._replace(
            state=ImageState.REQUESTED,
            attempt=image.attempt + 1,
            refused_seconds=now - self.refused_at.get(ordinal, now),
            due_in_seconds=None,
        )
        self.images[ordinal] = asked
        self.asked_at[ordinal] = now
        return ordinal, asked

    def set_aside(self, ordinal: int, image: ImageNow, due: float) -> None:
        self.images[ordinal] = image._replace(state=ImageState.PLANNED, attempt=image.attempt - 1)
        del self.asked_at[ordinal]
        insort(self.waiting, (due, ordinal))

    def settle(self, ordinal: int, event: ImageDone, now: float) -> None:
        asked = self.images[ordinal]
        if event.refused:
            first = self.refused_at.setdefault(ordinal, now)
            asked = asked._replace(refused_seconds=now - first)
        result = Result(
            request_id=event.request_id, ordinal=ordinal, run=1, attempt=asked.attempt, event=event
        )
        after = judge(asked, result, 1)
        self.images[ordinal] = after
        del self.asked_at[ordinal]
        if after.state in ENDED_IMAGES:
            self.ended += 1
            self.last_good_at = now if after.state is ImageState.DONE else self.last_good_at
            self.ended_at = now if self.ended == len(self.images) else None
        else:
            insort(self.waiting, (now + (after.due_in_seconds or 0.0), ordinal))


def request(number: int, images: int, work: Work, host_of: HostOf) -> Simulated:
    planned = [ImageNow(state=ImageState.PLANNED, run=1, attempt=0)] * images
    return Simulated(number, planned, work, host_of, [(0.0, ordinal) for ordinal in range(images)])


async def run(*requests: Simulated) -> None:
    """Until all have ended."""
    loop, answers, places, limited = asyncio.get_running_loop(), NOTHING_YET, HostPlaces(), LimitedHosts()
    answered = Counter[str]()
    async with asyncio.TaskGroup() as tasks:
        while any(each.ended_at is None for each in requests):
            now = loop.time()
            answers = observed(answers, answered["images"], answered["ms"] / 1000, now)
            for each in requests:
                each.flow = observed(each.flow, each.ended, 0, now)
            room = _room(requests, window(answers), now)
            by_id = {UUID(int=each.number): each for each in requests}
            for request_id in fair_order([_candidate(each, now) for each in requests], room):
                each = by_id[request_id]
                ordinal, asked = each.take(now)
                url = f"https://{each.host_of(ordinal)}/{ordinal}"
                if asked.code in TURNED_AWAY_CODES:
                    limited.turned_away(url, now)
                if came_back_unasked(asked.code, asked.failures):
                    places.rests(url, now)
                known = limited if limited.limits(url, now) else places
                wait_seconds = known.take(url, Asked(request_id, ordinal, asked.attempt), now)
                if wait_seconds is None:
                    each.sent += 1
                    absence = places.absence(url, now) or (None, None)
                    each.told[ordinal] = Told(not asked.failures, *absence)
                    tasks.create_task(_attempt(each, ordinal, asked, answered))
                else:
                    each.set_aside(ordinal, asked, now + wait_seconds)
            out = {*places.out(), *limited.out()}
            news = [_heard(by_id[asked[0]], asked, now) for asked in out]
            places.hear(news)
            places.answered_elsewhere(limited.hear(news, now))
            await asyncio.sleep(PASS_SECONDS)


def _room(requests: Sequence[Simulated], images: int, now: float) -> Room:
    free = images - sum(each.in_flight for each in requests)
    return Room(free + excused(sum(each.overdue(now) for each in requests)), images, BATCH_IMAGES)


def _heard(each: Simulated, asked: Asked, now: float) -> Heard:
    _, ordinal, attempt = asked
    image = each.images[ordinal]
    is_waiting = image.state is ImageState.PLANNED and image.attempt == attempt
    is_turned_away = is_waiting and image.code in TURNED_AWAY_CODES
    dues = [due for due, waits in each.waiting if waits == ordinal] if is_turned_away else []
    return Heard(
        asked,
        is_out=image.state is ImageState.REQUESTED and image.attempt == attempt,
        is_answered=image.state is ImageState.DONE
        or (image.code is not None and image.code not in SILENT_CODES and image.code[:6] != "http_5"),
        turned_away_seconds=dues[0] - now if dues else None,
    )


def _candidate(each: Simulated, now: float) -> Candidate:
    limit = request_limit(each.flow) + excused(each.overdue(now))
    return Candidate(
        request_id=UUID(int=each.number),
        tenant="a",
        priority=Priority.NORMAL,
        in_flight=each.in_flight,
        available=each.ready(now),
        limit=limit,
    )


async def _attempt(each: Simulated, ordinal: int, asked: ImageNow, answered: Counter[str]) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    event = await each.work(each.host_of(ordinal), ordinal, asked)
    answered["images"] += 1
    answered["ms"] += round((loop.time() - began) * 1000)
    each.settle(ordinal, event, loop.time())


def told(ordinal: int, verdict: Failure | NotNow | None = None) -> ImageDone:
    """What a processor answers; without a verdict, that it is done."""
    outcome = {type(None): ImageOutcome.DONE, Failure: ImageOutcome.FAILED, NotNow: ImageOutcome.STALE}
    return ImageDone(
        request_id=UUID(int=1),
        image_id=UUID(int=ordinal),
        ordinal=ordinal,
        run=1,
        attempt=1,
        outcome=outcome[type(verdict)],
        code=verdict.code if verdict else None,
        retryable=isinstance(verdict, Failure),
        retry_after_seconds=verdict.retry_after_seconds if verdict else None,
        refused=isinstance(verdict, NotNow) and verdict.was_refused,
    )
