"""Good images beside as many on hosts that take connections and never say a word."""

import asyncio
import time
from collections.abc import Sequence

from bench.figures import Figure, WrongResult
from bench.world.shop import Shop, csv_of
from bench.world.silent_hosts import silent_hosts
from bench.world.stacks import Stacks
from bench.world.user import User, open_user
from deploy.local.own_stack import OwnStack

IMAGES = 1_000
MIXED_IMAGES = 50
DEAD_HOSTS = [f"127.1.0.{number + 1}" for number in range(50)]
NEW_DEAD_HOSTS = [f"127.2.0.{number + 1}" for number in range(51)]  # nobody knows them yet
POLL_SECONDS = 0.05
MOST_SECONDS = 100.0


def bad_hosts(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """Dead hosts in a request of their own, then in the same CSV row by row; first few of them, then many."""
    with silent_hosts(DEAD_HOSTS) as dead, silent_hosts(NEW_DEAD_HOSTS) as new_dead, stacks.open() as stack:
        return [
            *asyncio.run(_figures(stack, shop, dead)),
            *asyncio.run(_large_ones(stack, shop, [new_dead[:1], new_dead[1:]])),
        ]


async def _large_ones(stack: OwnStack, shop: Shop, dead: Sequence[Sequence[str]]) -> Sequence[Figure]:
    """A thousand good and a thousand dead images in one CSV, row by row, for each group of dead hosts."""
    async with open_user(stack) as user:
        alone = await _seconds(user, shop.urls(IMAGES, "large"), IMAGES)
        figures = []
        for hosts in dead:
            mark = f"large-{len(hosts)}"
            pairs = zip(shop.urls(IMAGES, mark), _dead(hosts, IMAGES, mark), strict=True)
            among = await _seconds(user, [url for pair in pairs for url in pair], IMAGES)
            about = {"alone_seconds": alone, "among_seconds": among, "dead_hosts": len(hosts)}
            name = f"good_images_among_as_many_of_{len(hosts)}_dead_hosts_ratio"
            figures.append(Figure(name, alone / among, "ratio", {"images": IMAGES, **about}))
    return figures


async def _figures(stack: OwnStack, shop: Shop, dead: Sequence[str]) -> Sequence[Figure]:
    async with open_user(stack) as user:
        await _seconds(user, shop.urls(IMAGES, "warm"), IMAGES)
        alone = await _seconds(user, shop.urls(IMAGES, "alone"), IMAGES)
        dead_id = await user.upload(csv_of(_dead(dead, IMAGES, "other")))
        beside = await _seconds(user, shop.urls(IMAGES, "beside"), IMAGES)
        await _cancel(user, dead_id)
        few_alone = await _seconds(user, shop.urls(MIXED_IMAGES, "few"), MIXED_IMAGES)
        pairs = zip(shop.urls(MIXED_IMAGES, "mixed"), _dead(dead, MIXED_IMAGES, "same"), strict=True)
        mixed = await _seconds(user, [url for pair in pairs for url in pair], MIXED_IMAGES)
    about = {
        "dead_hosts": len(DEAD_HOSTS),
        "dead_share": 0.5,
        "over": "images/s of the good ones ÷ without the dead",
    }
    return [
        Figure(
            "good_images_beside_a_dead_request_ratio",
            alone / beside,
            "ratio",
            {"images": IMAGES, "alone": IMAGES / alone, "beside": IMAGES / beside, **about},
        ),
        Figure(
            "good_images_among_dead_ones_ratio",
            few_alone / mixed,
            "ratio",
            {"images": MIXED_IMAGES, "alone_seconds": few_alone, "among_seconds": mixed, **about},
        ),
    ]


async def _seconds(user: User, urls: Sequence[str], wanted: int) -> float:
    """Seconds from the upload to the last good image. The rest is cancelled."""
    started = time.monotonic()
    request_id = await user.upload(csv_of(urls))
    while time.monotonic() - started < MOST_SECONDS:
        request = await user.request(request_id)
        if request["counts"]["done"] >= wanted:
            seconds = time.monotonic() - started
            await _cancel(user, request_id)
            return seconds
        await asyncio.sleep(POLL_SECONDS)
    raise WrongResult(f"after {MOST_SECONDS:.0f} s: {request['counts']}, {request['failures']}")


async def _cancel(user: User, request_id: str) -> None:
    """If it has ended already it says so, which is as good."""
    async with user.http.post(f"{user.url}/v1/requests/{request_id}/cancel"):
        return


def _dead(hosts: Sequence[str], images: int, mark: str) -> Sequence[str]:
    return [f"{hosts[row % len(hosts)]}/dead.jpg?{mark}-{row}" for row in range(images)]
