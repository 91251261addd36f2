"""Hosts that never answer: minutes in a loop whose clock jumps from one event to the next, over
the service's own rules for turns, windows, places and results, and the processor's for hosts.
"""

import asyncio
import heapq
import selectors
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest

from services.processor.fetching.host_gates import HostGates
from services.processor.verdicts import Failure
from services.status.images.fairness import Candidate, fair_order
from services.status.images.host_places import Heard, HostPlaces
from services.status.images.rules import ImageNow, Result, judge
from services.status.images.window import Flow, excused, observed, overdue_seconds, request_limit, window
from services.status.records.states import ENDED_IMAGES, ImageState
from shared.contract.codes import FailureCode
from shared.contract.events import ImageDone, ImageOutcome, Priority
from shared.outbound.client import Timeouts

REQUESTS_PER_HOST = 24  # as in the processor's settings
IMAGES_UNDER_WAY = 64
PROCESSORS = 2
PASS_SECONDS = 0.1
TEN_MINUTES = 600.0
WORK_SECONDS = 0.2
HEAD_SECONDS = Timeouts().head_seconds

GOOD = "good.example"
NOTHING_YET = Flow(total=0, total_work_seconds=0.0, read_at=0.0)

Work = Callable[[str, int], Awaitable[ImageDone]]
HostOf = Callable[[int], str]  # by the image's ordinal


class JumpingLoop(asyncio.SelectorEventLoop):
    """Nobody waits: time goes on to the next timer at once."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        return self._now

    def jump(self, seconds: float) -> None:
        self._now += seconds


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        self._loop.jump(timeout or 0.0)
        return super().select(0)


@dataclass
class Simulated:
    """One request between a dispatcher and its processors."""

    number: int
    images: list[ImageNow]
    work: Work
    host_of: HostOf
    waiting: list[tuple[float, int]] = field(default_factory=list)  # a heap of (due, ordinal)
    flow: Flow = NOTHING_YET
    asked_at: dict[int, float] = field(default_factory=dict)  # of what is in flight
    ended: int = 0
    ended_at: float | None = None
    last_good_at: float = 0.0

    @property
    def in_flight(self) -> int:
        return len(self.asked_at)

    def overdue(self, now: float) -> int:
        return sum(now - asked_at > overdue_seconds(WORK_SECONDS) for asked_at in self.asked_at.values())

    def ready(self, now: float) -> int:
        return sum(due <= now for due, _ in self.waiting)

    def take(self, now: float) -> tuple[int, ImageNow]:
        _, ordinal = heapq.heappop(self.waiting)
        image = self.images[ordinal]
        next_attempt = image.attempt + 1
        asked = replace(
            image, state=ImageState.REQUESTED, attempt=next_attempt, code=None, due_in_seconds=None
        )
        self.images[ordinal] = asked
        self.asked_at[ordinal] = now
        return ordinal, asked

    def set_aside(self, ordinal: int, image: ImageNow, due: float) -> None:
        self.images[ordinal] = replace(image, state=ImageState.PLANNED, attempt=image.attempt - 1)
        del self.asked_at[ordinal]
        heapq.heappush(self.waiting, (due, ordinal))

    def settle(self, ordinal: int, event: ImageDone, now: float) -> None:
        asked = self.images[ordinal]
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
            heapq.heappush(self.waiting, (now + (after.due_in_seconds or 0.0), ordinal))


def request(number: int, images: int, work: Work, host_of: HostOf) -> Simulated:
    planned = [ImageNow(state=ImageState.PLANNED, run=1, attempt=0)] * images
    return Simulated(number, planned, work, host_of, [(0.0, ordinal) for ordinal in range(images)])


def good(_: int) -> str:
    return GOOD


def dead(_: int) -> str:
    return "dead.example"


def good_and_dead(dead_hosts: int) -> HostOf:
    """In turn."""
    return lambda ordinal: GOOD if ordinal % 2 else f"dead{ordinal // 2 % dead_hosts}.example"


async def run(*requests: Simulated) -> None:
    """Until all have ended."""
    loop, answers, places = (
        asyncio.get_running_loop(),
        Flow(total=0, total_work_seconds=0.0, read_at=0.0),
        HostPlaces(),
    )
    answered = Counter[str]()
    async with asyncio.TaskGroup() as tasks:
        while any(each.ended_at is None for each in requests):
            now = loop.time()
            answers = observed(answers, answered["images"], answered["ms"] / 1000, now)
            for each in requests:
                each.flow = observed(each.flow, each.ended, 0, now)
            free = window(answers) - sum(each.in_flight for each in requests)
            free += excused(sum(each.overdue(now) for each in requests))
            by_id = {UUID(int=each.number): each for each in requests}
            for request_id in fair_order([_candidate(each, now) for each in requests], free):
                each = by_id[request_id]
                ordinal, asked = each.take(now)
                url = f"https://{each.host_of(ordinal)}/"
                wait_seconds = places.take(url, (request_id, ordinal, asked.attempt), now)
                if wait_seconds is None:
                    tasks.create_task(_attempt(each, ordinal, asked, answered))
                else:
                    each.set_aside(ordinal, asked, now + wait_seconds)
            places.hear([_heard(by_id[key], key, *about) for key, *about in places.out()])
            await asyncio.sleep(PASS_SECONDS)


def _heard(each: Simulated, request_id: UUID, ordinal: int, attempt: int) -> Heard:
    image = each.images[ordinal]
    is_out = image.state is ImageState.REQUESTED and image.attempt == attempt
    return Heard((request_id, ordinal, attempt), is_out, is_answered=image.state is ImageState.DONE)


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
    event = await each.work(each.host_of(ordinal), ordinal)
    answered["images"] += 1
    answered["ms"] += round((loop.time() - began) * 1000)
    each.settle(ordinal, event, loop.time())


def told(ordinal: int, outcome: ImageOutcome, failure: Failure | None = None) -> ImageDone:
    return ImageDone(
        request_id=UUID(int=1),
        image_id=UUID(int=ordinal),
        ordinal=ordinal,
        run=1,
        attempt=1,
        outcome=outcome,
        code=failure.code if failure else None,
        retryable=failure is not None,
        retry_after_seconds=failure.retry_after_seconds if failure else None,
    )


@dataclass
class Processors:
    """Two of them, each with its own knowledge of the hosts."""

    gates: list[HostGates]
    slots: list[asyncio.Semaphore]
    hang_seconds: float

    async def work(self, host: str, ordinal: int) -> ImageDone:
        one = ordinal // 2 % PROCESSORS
        async with self.slots[one], self.gates[one].passage(("https", host, 443)) as passage:
            if passage.refusal is not None:
                return told(ordinal, ImageOutcome.FAILED, passage.refusal)
            failure = None if host == GOOD else Failure(FailureCode.TIMED_OUT)
            await asyncio.sleep(WORK_SECONDS if failure is None else self.hang_seconds)
            passage.end(failure)
        return told(ordinal, ImageOutcome.DONE if failure is None else ImageOutcome.FAILED, failure)


def processors(hang_seconds: float) -> Processors:
    clock = asyncio.get_running_loop().time
    return Processors(
        [HostGates(REQUESTS_PER_HOST, clock) for _ in range(PROCESSORS)],
        [asyncio.Semaphore(IMAGES_UNDER_WAY) for _ in range(PROCESSORS)],
        hang_seconds,
    )


def in_a_jumping_loop(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await story()

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(whole())


@pytest.mark.parametrize("hang_seconds", [Timeouts().connect_seconds, 30.0])
def test_five_hundred_urls_of_a_black_hole_end_within_ten_minutes(hang_seconds: float) -> None:
    """R18: on defaults, whether the host drops packets or accepts and says nothing."""

    async def story() -> None:
        hanging = request(1, 500, processors(hang_seconds).work, dead)
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * TEN_MINUTES):
                await run(hanging)
        assert Counter((image.state, image.code) for image in hanging.images) == {
            (ImageState.FAILED, "timed_out"): 500
        }
        assert hanging.ended_at is not None, hanging.ended
        assert hanging.ended_at < TEN_MINUTES

    in_a_jumping_loop(story)


@pytest.mark.parametrize("hang_seconds", [Timeouts().connect_seconds, 30.0])
def test_a_hanging_request_slows_a_healthy_one_by_less_than_twice(hang_seconds: float) -> None:
    async def story() -> None:
        alone = request(1, 3_000, processors(hang_seconds).work, good)
        await run(alone)
        took_alone = asyncio.get_running_loop().time()
        both = processors(hang_seconds)
        hanging, healthy = request(1, 500, both.work, dead), request(2, 3_000, both.work, good)
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout(2 * TEN_MINUTES):
            await run(hanging, healthy)
        assert healthy.ended_at is not None
        assert healthy.ended_at - began < 2 * took_alone

    in_a_jumping_loop(story)


@pytest.mark.parametrize("dead_hosts", [1, 50])
def test_good_images_pass_as_many_of_silent_hosts_in_the_same_csv_and_all_end(dead_hosts: int) -> None:
    """R09, R18"""

    async def story() -> None:
        alone = request(1, 1_000, processors(HEAD_SECONDS).work, good)
        await run(alone)
        began = asyncio.get_running_loop().time()
        mixed = request(1, 2_000, processors(HEAD_SECONDS).work, good_and_dead(dead_hosts))
        async with asyncio.timeout(2 * TEN_MINUTES):
            await run(mixed)
        states = Counter(image.state for image in mixed.images)
        assert states == {ImageState.DONE: 1_000, ImageState.FAILED: 1_000}
        assert mixed.last_good_at - began < 2 * alone.last_good_at
        assert mixed.ended_at is not None
        assert mixed.ended_at - began < TEN_MINUTES

    in_a_jumping_loop(story)
