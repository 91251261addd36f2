"""What somebody with small images feels of somebody with large ones, where one decoder serves both: how many
large ones are decoded while the small ones wait.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from PIL import Image

from bench.figures import Figure, WrongResult, say
from bench.instruments.status_tables import StatusTables, open_tables, until
from bench.world.announced import announce
from bench.world.shop import Shop, open_shop
from bench.world.stacks import Stacks

LARGE_IMAGES, SMALL_IMAGES = 200, 50
LARGE_SIDES = (7200, 5500)
FACETS = (8, 8)  # of the large picture: it weighs 3 MB and takes seconds
SEED = 20_261_126
ROUNDS = ("other", "other", "large")  # the tenants with the small ones, one after another
REST_IMAGES = 2  # large ones, between two rounds
PATIENCE_SECONDS = 3_600.0  # a large one takes a minute and more where others keep the machine busy
WANTED_LARGE = 2  # the one that is decoded when the small ones come, and one more


@dataclass(frozen=True, slots=True)
class Large:
    """The request with the large images."""

    tables: StatusTables
    id: UUID

    async def ended(self) -> int:
        row = await self.tables.row(self.id)
        if row["failed"]:
            raise WrongResult(f"{row['failed']} large images failed")
        return int(row["done"])

    async def has_ended(self, images: int) -> bool:
        return await self.ended() >= images


def large_beside_small(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    async def beside(shop_of_large: Shop) -> Sequence[Figure]:
        with stacks.open(PROCESSORS="1", DECODERS="1") as stack:
            async with open_tables(stack) as tables:
                return await _beside(tables, shop, shop_of_large)

    with tempfile.TemporaryDirectory(prefix="pixmill-bench-") as folder:
        picture = Path(folder) / "large.png"
        _large_picture().save(picture)
        with open_shop([picture]) as shop_of_large:
            return asyncio.run(beside(shop_of_large))


def _large_picture() -> Image.Image:
    chance = random.Random(SEED)
    facets = Image.frombytes("RGB", FACETS, chance.randbytes(3 * FACETS[0] * FACETS[1]))
    return facets.resize(LARGE_SIDES, Image.Resampling.BILINEAR)


async def _beside(tables: StatusTables, shop: Shop, shop_of_large: Shop) -> Sequence[Figure]:
    alone = await _seconds(tables, shop, "alone", "other")
    url = partial(shop_of_large.url, mark="large")
    large = Large(tables, await announce(tables.stack, LARGE_IMAGES, url=url, tenant="large"))
    await until(lambda: tables.is_planned(large.id))
    began = time.perf_counter()
    figures: list[Figure] = []
    for number, tenant in enumerate(ROUNDS):
        before = await large.ended()
        await until(partial(large.has_ended, before + REST_IMAGES), patience_seconds=PATIENCE_SECONDS)
        about = {"wanted_at_most": WANTED_LARGE, "images": SMALL_IMAGES, "tenant": tenant}
        count, seconds = await _large_meanwhile(large, shop, f"beside{number}", tenant)
        figures.append(
            Figure("large_ended_beside_small", count, "images", about | {"seconds": seconds, "alone": alone})
        )
    seconds_each = (time.perf_counter() - began) / await large.ended()
    return [*figures, Figure("large_image_in_turn", seconds_each, "seconds", {"images": await large.ended()})]


async def _large_meanwhile(large: Large, shop: Shop, mark: str, tenant: str) -> tuple[int, float]:
    """How many of them ended while small ones were under way, and for how many seconds these were."""
    before = await large.ended()
    say(f"{SMALL_IMAGES} small images of tenant {tenant} beside {LARGE_IMAGES - before} large ones")
    seconds = await _seconds(large.tables, shop, mark, tenant)
    return await large.ended() - before, seconds


async def _seconds(tables: StatusTables, shop: Shop, mark: str, tenant: str) -> float:
    began = time.perf_counter()
    request_id = await announce(tables.stack, SMALL_IMAGES, url=partial(shop.url, mark=mark), tenant=tenant)
    await until(lambda: tables.is_ended(request_id), patience_seconds=PATIENCE_SECONDS)
    row = await tables.row(request_id)
    if row["done"] != SMALL_IMAGES:
        raise WrongResult(f"{row['done']} of {SMALL_IMAGES} small images were done")
    return time.perf_counter() - began
