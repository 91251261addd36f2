"""Good images beside as many on hosts that take connections and never say a word."""

import asyncio
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from bench.figures import Figure, WrongResult
from bench.shop import Shop
from bench.stacks import Stacks
from bench.user import User, open_user
from deploy.local.own_stack import OwnStack

IMAGES = 1_000
DEAD_HOSTS = 50
POLL_SECONDS = 0.05
MOST_SECONDS = 200.0


def bad_hosts(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """A request of good images, then one with as many dead ones in between, until its good ones are done."""
    with _dead_hosts() as dead, stacks.open() as stack:
        alone, beside = asyncio.run(_both(stack, shop, dead))
    about = {
        "over": "images/s of the good ones, beside the dead ÷ alone",
        "alone": IMAGES / alone,
        "beside": IMAGES / beside,
        "dead_hosts": DEAD_HOSTS,
        "dead_share": 0.5,
    }
    return [Figure("good_images_beside_dead_hosts_ratio", alone / beside, "ratio", about)]


@contextmanager
def _dead_hosts() -> Iterator[Sequence[str]]:
    with ExitStack() as sockets:
        urls = []
        for number in range(DEAD_HOSTS):
            host = sockets.enter_context(socket.socket())
            host.bind((f"127.1.0.{number + 1}", 0))
            host.listen(4096)
            urls.append("http://{}:{}/dead.jpg".format(*host.getsockname()))
        yield urls


async def _both(stack: OwnStack, shop: Shop, dead: Sequence[str]) -> tuple[float, float]:
    async with open_user(stack) as user:
        await _seconds(user, _csv([_good(shop, row, "warm") for row in range(IMAGES)]))
        alone = await _seconds(user, _csv([_good(shop, row, "alone") for row in range(IMAGES)]))
        mixed = [
            url
            for row in range(IMAGES)
            for url in (_good(shop, row, "beside"), f"{dead[row % len(dead)]}?{row}")
        ]
        return alone, await _seconds(user, _csv(mixed))


async def _seconds(user: User, data: bytes) -> float:
    """From the upload to the last good image; the rest is called off."""
    started = time.monotonic()
    request_id = await user.upload(data)
    url = f"{user.status_url}/v1/requests/{request_id}"
    while time.monotonic() - started < MOST_SECONDS:
        async with user.http.get(url) as response:
            request = await response.json()
        if request["counts"]["done"] >= IMAGES:
            seconds = time.monotonic() - started
            async with user.http.post(f"{url}/cancel"):
                return seconds
        await asyncio.sleep(POLL_SECONDS)
    raise WrongResult(f"after {MOST_SECONDS:.0f} s: {request['counts']}, {request['failures']}")


def _good(shop: Shop, row: int, mark: str) -> str:
    return f"{shop.address}/{shop.file(row).name}?{mark}-{row}"


def _csv(urls: Sequence[str]) -> bytes:
    lines = (f"{row + 1},Product {row + 1},{url}" for row, url in enumerate(urls))
    return "\n".join(["S. No.,Product Name,Input Image Urls", *lines, ""]).encode()
