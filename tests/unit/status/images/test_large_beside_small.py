"""One decoder and two requests: one of large images, then one of small ones. Told in large images that are
decoded while the small ones wait, for nobody interrupts one that has begun.
"""

import asyncio

import pytest

from tests.worlds.simulated.jumping_loop import in_a_jumping_loop
from tests.worlds.simulated.one_decoder import Kind, one_decoder

LARGE = Kind(pixels=39_600_000, decode_seconds=5.0)
SMALL = Kind(pixels=400_000, decode_seconds=0.06)
LARGE_IMAGES, SMALL_IMAGES = 200, 50
MOST_LARGE = 2  # one that begins while the first small ones come, and one for their share of the time


@pytest.mark.parametrize("tenant", ["large", "other"])
@pytest.mark.parametrize("after_seconds", [3.0, 21.0, 64.9, 152.0, 400.0])
def test_small_images_wait_for_two_large_ones_at_most(after_seconds: float, tenant: str) -> None:
    """R23, R29: whenever they come, and whoever's they are."""

    async def story() -> None:
        async with one_decoder() as world:
            large = world.begin(LARGE, LARGE_IMAGES, "large")
            await asyncio.sleep(after_seconds)
            small, before = world.begin(SMALL, SMALL_IMAGES, tenant), large.turns
            await small.ended.wait()
            assert large.turns - before <= MOST_LARGE
            assert large.turns >= after_seconds / LARGE.decode_seconds - 1  # and nothing rested meanwhile

    in_a_jumping_loop(story)
