"""What becomes of a host's images while it is away: the gate of the processor and the judgement of status
together, on a clock of their own.
"""

import heapq
from collections import Counter
from functools import partial
from uuid import UUID

import pytest

from services.processor.fetching.host_codes import AWAY_REST_SECONDS
from services.processor.fetching.host_gate import AWAY_IN_A_ROW, SILENT_IN_A_ROW
from services.processor.fetching.host_gates import HostGates
from services.processor.verdicts import Failure, NotNow
from services.status.images.rules import ImageNow, judge, result_of
from services.status.records.states import ENDED_IMAGES, ImageState
from shared.contract.codes import Code, FailureCode, meaning_of
from shared.contract.events import ImageDone, ImageOutcome

SHOP = ("https", "shop.example", 443)
NOBODY = UUID(int=0)
BETWEEN_IMAGES_SECONDS = 0.01
FOR_EVER = 1e9


class World:
    """One host that is away until some moment, its images, and how often it was asked meanwhile."""

    def __init__(self, images: int, away_until: float, code: Code) -> None:
        self.now = 0.0
        self.asked_in_vain = 0
        self._away_until = away_until
        self._code = code
        self._gates = HostGates(limit=24, under_way=64, clock=lambda: self.now)
        self._images = [ImageNow(state=ImageState.PLANNED, run=1, attempt=0) for _ in range(images)]
        self._due = [(number * BETWEEN_IMAGES_SECONDS, number) for number in range(images)]

    async def run(self) -> Counter[ImageState]:
        while self._due:
            self.now, number = heapq.heappop(self._due)
            image = self._images[number]
            asked = image._replace(state=ImageState.REQUESTED, attempt=image.attempt + 1)
            image = judge(asked, result_of(await self._attempt(number, asked.attempt)), run=1)
            self._images[number] = image
            if image.state not in ENDED_IMAGES:
                heapq.heappush(self._due, (self.now + (image.due_in_seconds or 0), number))
        return Counter(image.state for image in self._images)

    async def _attempt(self, ordinal: int, attempt: int) -> ImageDone:
        async with self._gates.passage(SHOP) as passage:
            failure = passage.refusal
            if failure is None:
                failure = Failure(self._code) if self.now < self._away_until else None
                self.asked_in_vain += failure is not None
                passage.end(failure)
        about = partial(
            ImageDone, request_id=NOBODY, image_id=NOBODY, ordinal=ordinal, run=1, attempt=attempt
        )
        if failure is None:
            return about(outcome=ImageOutcome.DONE, output_key="key")
        if isinstance(failure, NotNow):
            return about(
                outcome=ImageOutcome.STALE,
                code=failure.code,
                retry_after_seconds=failure.retry_after_seconds,
            )
        return about(
            outcome=ImageOutcome.FAILED,
            code=failure.code,
            retryable=meaning_of(failure.code).retryable,
            retry_after_seconds=failure.retry_after_seconds,
        )


@pytest.mark.parametrize(("code", "rest_seconds"), AWAY_REST_SECONDS.items())
@pytest.mark.parametrize("rests", [0.05, 0.5, 0.9])
async def test_a_host_that_is_away_for_less_than_a_rest_loses_no_image(
    rests: float, code: Code, rest_seconds: float
) -> None:
    """R09, R18"""
    world = World(images=1_000, away_until=rests * rest_seconds, code=code)
    assert await world.run() == {ImageState.DONE: 1_000}
    assert world.asked_in_vain == (SILENT_IN_A_ROW if code is FailureCode.TIMED_OUT else AWAY_IN_A_ROW)


@pytest.mark.parametrize("code", AWAY_REST_SECONDS)
@pytest.mark.parametrize("images", [3, 1_000])
async def test_the_images_of_a_host_that_is_gone_end_soon_and_hardly_trouble_it(
    images: int, code: Code
) -> None:
    """R09, R18"""
    world = World(images=images, away_until=FOR_EVER, code=code)
    assert await world.run() == {ImageState.FAILED: images}
    assert world.now < 5 * AWAY_REST_SECONDS[code]
    assert world.asked_in_vain < 20


async def test_a_few_images_that_nobody_else_asks_with_have_three_attempts_in_six_seconds() -> None:
    """R18"""
    assert await World(images=1, away_until=5.9, code=FailureCode.CONNECT_FAILED).run() == {
        ImageState.DONE: 1
    }
    assert await World(images=1, away_until=6.1, code=FailureCode.CONNECT_FAILED).run() == {
        ImageState.FAILED: 1
    }
