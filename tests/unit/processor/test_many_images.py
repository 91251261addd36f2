"""Many images through the handler: what it tells of each to its places, the decoders and the gathering."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.processor.fetching.outages import Told
from services.processor.gathering import GATHER_SECONDS, LONG_GATHER_SECONDS, MANY_OTHERS, Gathering
from services.processor.handler import handle
from services.processor.places import Places
from services.processor.ports import Compressing, Dependencies
from services.processor.scouting import Scouting
from services.processor.verdicts import Compressed, Failure
from shared.consuming.handling import Outgoing
from shared.contract.events import ImageFormat, ImageRequested
from shared.contract.picture_formats import PictureFormat
from shared.testing.fakes import FakeStore, incoming
from tests.worlds.patience import DEADLINE_SECONDS

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
HANGS = "hangs"  # an address
QUICK = 1  # a quality for which the decoders wait for nobody
JPEG = b"\xff\xd8\xff picture"
SMALL = Compressed(data=b"smaller", format=PictureFormat.JPEG, width=30, height=20)


@dataclass
class Host:
    """It answers at once, but for addresses that hang."""

    answers: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0

    @asynccontextmanager
    async def fetched(self, url: str, told: Told) -> AsyncIterator[bytes | Failure]:
        self.asked += 1
        if url.endswith(HANGS):
            await self.answers.wait()
        yield JPEG


@dataclass
class Decoders:
    """They are done with an image when so many have come to them."""

    enough: int
    weights: list[int] = field(default_factory=list)
    _enough_came: asyncio.Event = field(default_factory=asyncio.Event)

    def pixels_of(self, data: bytes, picture_format: PictureFormat) -> int:
        return 1_000 * len(data)

    def seconds_of(self, pixels: int) -> float:
        return pixels / 1_000_000

    @asynccontextmanager
    async def turn(self, pixels: int) -> AsyncIterator[Compressing]:
        self.weights.append(pixels)
        yield self

    async def compress(self, data: bytes, quality: int, wanted: PictureFormat | None) -> Compressed:
        if len(self.weights) >= self.enough:
            self._enough_came.set()
        if quality != QUICK:
            await self._enough_came.wait()
        return SMALL


@dataclass
class World:
    """A processor of one decoder, whose time passes when the test says so."""

    enough: int
    few_each: Callable[[], int | None] = lambda: None
    due: asyncio.Queue[tuple[float, Callable[[], None]]] = field(default_factory=asyncio.Queue)
    store: FakeStore = field(default_factory=FakeStore)
    host: Host = field(default_factory=Host)

    def __post_init__(self) -> None:
        self.decoders = Decoders(self.enough)
        self.dependencies = Dependencies(
            places=Places(64, self.few_each),
            gathering=Gathering(1, self._later),
            scouting=Scouting(self.store),
            fetcher=self.host,
            decoders=self.decoders,
            store=self.store,
            now=lambda: NOW,
        )

    def _later(self, seconds: float, then: Callable[[], None]) -> asyncio.TimerHandle:
        self.due.put_nowait((seconds, then))
        return asyncio.get_running_loop().call_later(3_600, then)

    async def image(self, ordinal: int, path: str = "a.jpg", quality: int = 50) -> Sequence[Outgoing]:
        event = ImageRequested(
            request_id=UUID(int=1),
            image_id=UUID(int=100 + ordinal),
            ordinal=ordinal,
            run=1,
            attempt=1,
            url=f"https://shop.example/{path}",
            quality=quality,
            format=ImageFormat.KEEP,
            take_by=NOW + timedelta(minutes=2),
        )
        return await handle(incoming(event), self.dependencies)


async def test_an_image_takes_its_turn_with_as_many_pixels_as_it_has() -> None:
    """R22: memory follows pixels, and an image that weighed nothing would be decoded beside any others."""
    world = World(enough=1)
    await world.image(0)
    assert world.decoders.weights == [1_000 * len(JPEG)]


async def test_small_images_of_a_request_are_decoded_beside_each_other_once_the_first_is_weighed() -> None:
    """However few may begin before their size is known: the second comes to the decoders while the first one
    is still there.
    """
    world = World(enough=2, few_each=lambda: 1)
    async with asyncio.timeout(DEADLINE_SECONDS):
        await asyncio.gather(world.image(0), world.image(1))
    assert len(world.decoders.weights) == 2


async def test_an_image_waits_to_be_written_with_others_while_more_are_at_work_than_there_are_decoders() -> (
    None
):
    world = World(enough=5)
    async with asyncio.timeout(DEADLINE_SECONDS):
        others = [asyncio.create_task(world.image(number)) for number in range(3)]
        while len(world.decoders.weights) < len(others):
            await asyncio.sleep(0)
        image = asyncio.create_task(world.image(3, quality=QUICK))
        seconds, then = await world.due.get()
        assert (seconds, world.store.objects) == (GATHER_SECONDS, {})
        then()
        await image
        assert len(world.store.objects) == 2
        await asyncio.gather(world.image(4), *others)


async def test_an_image_waits_to_be_written_with_many_others_of_its_request_that_are_still_fetched() -> None:
    world = World(enough=1)
    async with asyncio.timeout(DEADLINE_SECONDS):
        others = [asyncio.create_task(world.image(number, HANGS)) for number in range(MANY_OTHERS)]
        while world.host.asked < len(others):
            await asyncio.sleep(0)
        image = asyncio.create_task(world.image(MANY_OTHERS))
        seconds, then = await world.due.get()
        assert (seconds, world.store.objects) == (LONG_GATHER_SECONDS, {})
        then()
        await image
        assert len(world.store.objects) == 2
        world.host.answers.set()
        await asyncio.gather(*others)
