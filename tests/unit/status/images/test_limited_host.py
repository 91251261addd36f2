"""A host that takes only so many requests a second: what becomes of its images, and of others, over the
service's own rules on both sides. Minutes pass in no time.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from services.processor.fetching.host_gate import REFUSES_SECONDS
from services.processor.fetching.host_gates import HostGates
from services.processor.verdicts import Failure
from services.status.images.rules import ImageNow
from services.status.records.states import ImageState
from shared.contract.codes import http_code
from shared.contract.events import ImageDone
from tests.worlds.hosts.limiting_hosts import Bucket, LimitingHost
from tests.worlds.simulated.dispatching import WORK_SECONDS, Simulated, request, run, told
from tests.worlds.simulated.jumping_loop import in_a_jumping_loop

REQUESTS_PER_HOST = 24  # as in the processor's settings
IMAGES_UNDER_WAY = 64
LIMITED, GOOD = "limited.example", "good.example"
PER_SECOND = 5.0


@dataclass
class NeverServes:
    per_second = 0.0

    def serves(self, _: float) -> bool:
        return False

    def retry_after(self, _: float) -> float:
        return 0.0


@dataclass
class RefusesNowAndThen:
    """Whatever the rate."""

    share: float
    per_second = 1_000.0
    _chance: random.Random = field(default_factory=lambda: random.Random(7))

    def serves(self, _: float) -> bool:
        return self._chance.random() >= self.share

    def retry_after(self, _: float) -> float:
        return 2.0


@dataclass
class Processors:
    """Each with its own knowledge of the hosts."""

    host: LimitingHost
    gates: list[HostGates]
    slots: list[asyncio.Semaphore]
    never: frozenset[int] = frozenset()  # the ordinals of what the host always turns away
    code: int = 429
    asked: Counter[bool] = field(default_factory=Counter)  # the limited host: whether it served

    async def work(self, host: str, ordinal: int, asked: ImageNow) -> ImageDone:
        one = (ordinal + asked.attempt) % len(self.gates)
        async with self.slots[one], self.gates[one].passage(("https", host, 443)) as passage:
            if passage.refusal is not None:
                return told(ordinal, passage.refusal)
            await asyncio.sleep(WORK_SECONDS)
            return told(ordinal, passage.end(None if host == GOOD else self._failure(ordinal)))

    def _failure(self, ordinal: int) -> Failure | None:
        now = asyncio.get_running_loop().time()
        serves = self.host.serves(now) and ordinal not in self.never
        self.asked[serves] += 1
        if serves:
            return None
        return Failure(http_code(self.code), retry_after_seconds=self.host.retry_after(now) or None)


def processors(count: int, host: LimitingHost, **changes: object) -> Processors:
    clock = asyncio.get_running_loop().time
    gates = [HostGates(REQUESTS_PER_HOST, under_way=IMAGES_UNDER_WAY, clock=clock) for _ in range(count)]
    slots = [asyncio.Semaphore(IMAGES_UNDER_WAY) for _ in range(count)]
    return Processors(host, gates, slots, **changes)  # type: ignore[arg-type] # by name


def limited(_: int) -> str:
    return LIMITED


def good(_: int) -> str:
    return GOOD


def states(request: Simulated) -> Counter[tuple[ImageState, str | None]]:
    return Counter((image.state, image.code) for image in request.images)


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize(("code", "asks_for"), [(429, 0.0), (429, 1.0), (503, 1.0)])
def test_a_host_that_takes_so_many_a_second_serves_all_of_its_images(
    count: int, code: int, asks_for: float
) -> None:
    """R29: before, more than half of them failed after three refusals each."""

    async def story() -> None:
        images = 600
        them = processors(count, Bucket(PER_SECOND, asks_for=asks_for), code=code)
        slow = request(1, images, them.work, limited)
        await run(slow)
        assert states(slow) == {(ImageState.DONE, None): images}
        assert slow.ended_at is not None
        assert slow.ended_at < 1.5 * images / PER_SECOND
        assert slow.sent < 4 * images

    in_a_jumping_loop(story)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize("share", [0.02, 0.1])
def test_a_host_that_refuses_some_at_any_rate_serves_the_others_as_if_it_did_not(
    share: float, code: int, count: int
) -> None:
    """R29: 300 images of which one in ten is refused took 18 minutes, as it was asked less and less."""

    async def story() -> None:
        them = processors(count, RefusesNowAndThen(share), code=code)
        slow = request(1, 600, them.work, limited)
        await run(slow)
        assert states(slow) == {(ImageState.DONE, None): 600}
        assert slow.ended_at is not None
        assert slow.ended_at < 30

    in_a_jumping_loop(story)


@pytest.mark.parametrize("count", [1, 4])
def test_others_do_not_wait_for_it(count: int) -> None:
    """R29"""

    async def story() -> None:
        alone = request(1, 2_000, processors(count, Bucket(PER_SECOND)).work, good)
        await run(alone)
        assert alone.ended_at is not None
        them, began = processors(count, Bucket(PER_SECOND)), asyncio.get_running_loop().time()
        slow = [request(number, 100, them.work, limited) for number in range(2, 6)]
        healthy = request(1, 2_000, them.work, good)
        await run(*slow, healthy)
        assert healthy.ended_at is not None
        assert healthy.ended_at - began < 1.5 * alone.ended_at

    in_a_jumping_loop(story)


def test_images_fail_where_their_host_refuses_everything_for_an_hour() -> None:
    """R09"""

    async def story() -> None:
        them = processors(2, NeverServes())
        refused = request(1, 30, them.work, limited)
        await run(refused)
        assert states(refused) == {(ImageState.FAILED, "http_429"): 30}
        assert refused.ended_at is not None
        assert REFUSES_SECONDS < refused.ended_at < 1.2 * REFUSES_SECONDS
        assert them.asked[False] < 600

    in_a_jumping_loop(story)


def test_one_image_that_is_always_refused_fails_after_an_hour_and_holds_up_no_other() -> None:
    """R09"""

    async def story() -> None:
        them = processors(2, Bucket(1_000.0, burst=1_000.0), never=frozenset({7}))
        mixed = request(1, 200, them.work, limited)
        await run(mixed)
        assert states(mixed) == {(ImageState.DONE, None): 199, (ImageState.FAILED, "http_429"): 1}
        assert mixed.last_good_at < 120
        assert mixed.ended_at is not None
        assert REFUSES_SECONDS < mixed.ended_at < 1.1 * REFUSES_SECONDS

    in_a_jumping_loop(story)
