"""R19: no host is given up for time in which our own event loop stood still while it was connected to."""

import asyncio
import errno
import socket
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from shared.observing.loop_lag import LoopLag
from shared.observing.vitals import watch_event_loop
from shared.outbound.client import NetCode, Unreachable, open_client
from tests.worlds.simulated.jumping_loop import JumpingLoop, in_a_jumping_loop

SHOP = URL("https://shop.example/hook")


async def take(ours: float, its: float) -> None:
    """So many seconds in which we stand still, and so many of the host."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, JumpingLoop)
    loop.jump(ours)
    await asyncio.sleep(its)


class Resolver(AbstractResolver):
    def __init__(self, ours: float, its: float) -> None:
        self.seconds = ours, its

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        await take(*self.seconds)
        found = ResolveResult(hostname=host, host="127.0.0.1", port=port, family=2, proto=0, flags=0)
        return [found]

    async def close(self) -> None:
        pass


async def code_of(resolver: AbstractResolver, late_seconds: Callable[[], float]) -> NetCode:
    allowed = [ip_network("127.0.0.0/8")]
    async with open_client(allowed, resolver=resolver, late_seconds=late_seconds) as client:
        with pytest.raises(Unreachable) as raised:
            async with client.request("POST", SHOP):
                pass
    return raised.value.code


@pytest.mark.parametrize(
    ("lookup", "attempt", "code"),
    [
        ((60, 4), (0, 0), NetCode.CONNECT_FAILED),
        ((0, 0), (60, 4), NetCode.CONNECT_FAILED),
        ((60, 11), (0, 0), NetCode.TIMED_OUT),
        ((0, 0), (60, 6), NetCode.TIMED_OUT),
    ],
)
def test_a_host_has_its_own_time_for_its_name_and_its_connection(
    monkeypatch: pytest.MonkeyPatch, lookup: tuple[float, float], attempt: tuple[float, float], code: NetCode
) -> None:
    async def refuses(*_: Any, **__: Any) -> socket.socket:
        await take(*attempt)
        raise OSError(errno.ECONNREFUSED, "refused")

    async def story() -> None:
        lag, stopping = LoopLag(asyncio.get_running_loop().time), asyncio.Event()
        watching = asyncio.create_task(watch_event_loop(stopping, lag))
        await asyncio.sleep(0)
        assert await code_of(Resolver(*lookup), lag.late_seconds) is code
        stopping.set()
        await watching

    monkeypatch.setattr("aiohttp.connector.aiohappyeyeballs.start_connection", refuses)
    in_a_jumping_loop(story)
