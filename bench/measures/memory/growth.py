"""What a processor keeps in memory in the long run: a leak shows as a last quarter above the second."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.figures import Figure
from bench.instruments.cpu import tree
from bench.instruments.process_memory import resident_bytes
from bench.world.shop import Shop
from bench.world.stacks import Stacks
from bench.world.user import open_user
from deploy.local.own_stack import OwnStack

IMAGES = 10_000
LOOK_EVERY_SECONDS = 0.25
WANTED_GROWTH = 1.1


@dataclass(frozen=True, slots=True)
class Look:
    """Memory of the largest processor, and of the largest with all its decoders, after so many images."""

    done: int
    processor_bytes: int
    with_decoders_bytes: int


def memory(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    with stacks.open() as stack:
        looks = asyncio.run(_watched(stack, shop))
    return figures_of(looks, IMAGES)


async def _watched(stack: OwnStack, shop: Shop) -> list[Look]:
    processors: Sequence[int] = stack.endpoints["pids"]["processor"]
    async with open_user(stack) as user:
        request_id = await user.upload(shop.csv(IMAGES, "memory"))
        return [
            _look(request["counts"]["done"], processors)
            async for request in user.progress(request_id, LOOK_EVERY_SECONDS)
        ]


def _look(done: int, processors: Sequence[int]) -> Look:
    return Look(
        done,
        max(map(resident_bytes, processors)),
        max(sum(map(resident_bytes, tree(pid))) for pid in processors),
    )


def figures_of(looks: Sequence[Look], images: int) -> Sequence[Figure]:
    """By quarters of the images, not of the time."""
    quarters = [[look for look in looks if look.done * 4 // images == quarter] for quarter in range(4)]
    quarters[3] += [look for look in looks if look.done >= images]
    return [
        _figure("memory_of_a_processor", [_most(look.processor_bytes for look in each) for each in quarters]),
        _figure(
            "memory_of_a_processor_and_its_decoders",
            [_most(look.with_decoders_bytes for look in each) for each in quarters],
        ),
    ]


def _most(sizes: Iterable[int]) -> float:
    return max(sizes) / 1e6


def _figure(name: str, megabytes: Sequence[float]) -> Figure:
    about = {
        "over": "last quarter to second",
        "wanted_at_most": WANTED_GROWTH,
        "megabytes_by_quarter": megabytes,
    }
    return Figure(f"{name}_growth", megabytes[3] / megabytes[1], "ratio", about)
