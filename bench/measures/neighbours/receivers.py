"""How long a webhook takes to arrive while other receivers of the same tenant hang."""

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import datetime

from bench.figures import Figure, WrongResult, duration_figure
from bench.world.shop import Shop
from bench.world.silent_hosts import silent_hosts
from bench.world.stacks import Stacks
from bench.world.user import User, open_user
from deploy.local.own_stack import OwnStack
from services.notifier.listen import LocalReceiver, Received

HANGING_RECEIVERS, COMPLETIONS_EACH = 3, 20
HEALTHY_RECEIVERS = 100
UPLOADS_AT_ONCE = 4
ARRIVAL_SECONDS = 120.0


def slow_receivers(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """Measures from completed_at to the arrival at each healthy receiver. Each is an endpoint of its own."""
    with stacks.open() as stack, silent_hosts(["127.0.0.1"] * HANGING_RECEIVERS) as silent:
        durations = asyncio.run(_measure(stack, shop, silent))
    about = {"wanted": 2_000, "over": "completed_at to arrival", "hanging_receivers": HANGING_RECEIVERS}
    return [duration_figure("webhook_beside_hanging_receivers_ms", durations, **about)]


async def _measure(stack: OwnStack, shop: Shop, silent: Sequence[str]) -> list[float]:
    arrivals: list[tuple[Received, float]] = []
    async with (
        open_user(stack) as user,
        LocalReceiver(
            on_delivery=lambda delivery: arrivals.append((delivery, time.time()))
        ).open() as receiver,
    ):
        hanging = [f"{url}/" for url in silent] * COMPLETIONS_EACH
        await _upload_all(user, shop, hanging)
        await _upload_all(user, shop, [f"{receiver.url}{number}" for number in range(HEALTHY_RECEIVERS)])
        try:
            await receiver.wait_for(HEALTHY_RECEIVERS, ARRIVAL_SECONDS)
        except TimeoutError:
            raise WrongResult(f"{len(arrivals)} of {HEALTHY_RECEIVERS} webhooks arrived") from None
    return [_waited_ms(delivery, arrived) for delivery, arrived in arrivals]


async def _upload_all(user: User, shop: Shop, webhook_urls: Sequence[str]) -> None:
    gate = asyncio.Semaphore(UPLOADS_AT_ONCE)

    async def upload(url: str) -> None:
        async with gate:
            await user.upload(shop.csv(1, url.partition("://")[2].replace("/", "-")), webhook_url=url)

    await asyncio.gather(*(upload(url) for url in webhook_urls))


def _waited_ms(delivery: Received, arrived: float) -> float:
    if delivery.repeated:
        raise WrongResult(f"{delivery.webhook_id} came twice")
    completed_at = json.loads(delivery.body)["data"]["completed_at"]
    return (arrived - datetime.fromisoformat(completed_at).timestamp()) * 1000
