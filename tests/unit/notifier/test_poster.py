"""R19: a receiver is judged for its own time, and never for ours."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, cast

from services.notifier.deliveries import Attempt
from services.notifier.poster import HttpPoster, Post
from services.notifier.target import parse_target
from shared.contract.events import DeliveryOutcome
from shared.observing.loop_lag import LoopLag
from shared.observing.vitals import watch_event_loop
from shared.outbound.client import GuardedClient, Timeouts
from tests.worlds.simulated.jumping_loop import JumpingLoop, in_a_jumping_loop


@dataclass
class Receiver:
    """It answers after some seconds of its own and gives a body; before each the process stands still."""

    loop: JumpingLoop
    seconds: float
    status: int = HTTPStatus.OK
    headers: dict[str, str] = field(default_factory=dict)

    async def request(self, *_: Any, **__: Any) -> Any:
        await self._frozen()
        await asyncio.sleep(self.seconds)
        return self

    @property
    def content(self) -> Any:
        return self

    async def iter_any(self) -> AsyncIterator[bytes]:
        await self._frozen()
        yield b"thanks"

    def release(self) -> None:
        pass

    async def _frozen(self) -> None:
        self.loop.jump(60)
        await asyncio.sleep(0.001)  # what came meanwhile is read after time-outs were told


async def attempt_at(receiver_seconds: float) -> Attempt:
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    assert isinstance(loop, JumpingLoop)
    lag = LoopLag(loop.time)
    watching = asyncio.create_task(watch_event_loop(stopping, lag))
    await asyncio.sleep(0)
    session = cast("Any", Receiver(loop, receiver_seconds))
    client = GuardedClient(session, Timeouts(head_seconds=15), lag.late_seconds)
    poster = HttpPoster(client, client, lambda: datetime.now(UTC), late_seconds=lag.late_seconds)
    attempt = await poster.post(Post(parse_target("https://shop.example/hook", ()), {}, b"{}"))
    stopping.set()
    await watching
    return attempt


def test_a_receiver_is_not_blamed_for_the_time_in_which_the_notifier_stood_still() -> None:
    async def story() -> None:
        attempt = await attempt_at(receiver_seconds=10)
        assert (attempt.outcome, attempt.response_excerpt) == (DeliveryOutcome.DELIVERED, "thanks")

    in_a_jumping_loop(story)


def test_a_receiver_that_is_silent_for_too_long_of_its_own_is_given_up() -> None:
    async def story() -> None:
        attempt = await attempt_at(receiver_seconds=16)
        assert (attempt.outcome, attempt.error) == (
            DeliveryOutcome.FAILED,
            "timed_out: the host did not answer in time",
        )

    in_a_jumping_loop(story)
