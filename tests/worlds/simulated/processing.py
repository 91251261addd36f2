"""Processors that ask one host for the images of a request, simulated over the service's own gates, in a loop
whose clock jumps.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from services.processor.fetching.host_gates import HostGates
from services.processor.fetching.outages import Told
from services.processor.verdicts import Failure, NotNow
from services.status.images.rules import ImageNow
from services.status.records.states import ImageState
from shared.contract.events import ImageDone
from shared.outbound.client import Timeouts
from tests.worlds.simulated.dispatching import request, run, told
from tests.worlds.simulated.jumping_loop import in_a_jumping_loop

REQUESTS_PER_HOST = 24  # as in the processor's settings
IMAGES_UNDER_WAY = 64
PATIENCE_SECONDS = Timeouts().head_seconds
REJOIN_SECONDS = 3.0
SHOP = ("https", "shop.example", 443)


class Host(Protocol):
    async def answer(self, ordinal: int) -> Failure | None:
        """To one request for this image."""


class Processor:
    """What it knew of hosts, and what it was about, is gone when it is killed; its messages come again."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._loop = asyncio.get_running_loop()
        self.start()

    def start(self) -> None:
        self._gates = HostGates(REQUESTS_PER_HOST, under_way=IMAGES_UNDER_WAY, clock=self._loop.time)
        self._slots = asyncio.Semaphore(IMAGES_UNDER_WAY)
        self._killed = self._loop.create_future()

    def kill(self) -> None:
        self._killed.set_result(None)
        self.start()

    async def work(self, ordinal: int, told_of_it: Told) -> ImageDone:
        while True:
            killed = self._killed
            attempt = asyncio.create_task(self._attempt(ordinal, told_of_it))
            await asyncio.wait({attempt, killed}, return_when=asyncio.FIRST_COMPLETED)
            if attempt.done():
                return told(ordinal, attempt.result())
            attempt.cancel()
            await asyncio.sleep(REJOIN_SECONDS)

    async def _attempt(self, ordinal: int, told_of_it: Told) -> Failure | NotNow | None:
        async with self._slots, self._gates.passage(SHOP, url=_url(ordinal), told=told_of_it) as passage:
            if passage.refusal is not None:
                return passage.refusal
            if passage.witness is not None:
                away = passage.end_witness(await self._host.answer(_ordinal(passage.witness)))
                if away is not None:
                    return away
            return passage.end(await self._host.answer(ordinal))


def _url(ordinal: int) -> str:
    return f"https://shop.example/{ordinal}"


def _ordinal(url: str) -> int:
    return int(url.rpartition("/")[2])


def states_of(host: Host, images: int, kills: Sequence[Sequence[float]]) -> Counter[ImageState]:
    """How the images end; `kills` are the moments at which each processor is killed."""
    return ended(host, images, kills)[0]


def ended(host: Host, images: int, kills: Sequence[Sequence[float]]) -> tuple[Counter[ImageState], float]:
    """And after how many seconds."""
    states, seconds = Counter[ImageState](), 0.0

    async def story() -> None:
        nonlocal seconds
        processors = [Processor(host) for _ in kills]
        for processor, moments in zip(processors, kills, strict=True):
            for moment in moments:
                asyncio.get_running_loop().call_at(moment, processor.kill)

        async def work(_: str, ordinal: int, asked: ImageNow) -> ImageDone:
            processor = processors[(ordinal + asked.attempt) % len(processors)]
            return await processor.work(ordinal, all_of_it.told[ordinal])

        all_of_it = request(1, images, work, lambda _: "shop.example")
        await run(all_of_it)
        states.update(image.state for image in all_of_it.images)
        seconds = asyncio.get_running_loop().time()

    in_a_jumping_loop(story)
    return states, seconds
