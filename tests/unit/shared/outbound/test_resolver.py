"""Name lookups beside ones that hang. No socket is opened: getaddrinfo is replaced."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from shared.outbound.resolver import MAX_ADDRESSES, BoundedResolver
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.simulated.jumping_loop import in_a_jumping_loop


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Lookups of names that begin with `slow` hang until the test lets them go."""
    release = threading.Event()

    def getaddrinfo(host: str, *_: object) -> list[object]:
        if host.startswith("slow"):
            release.wait(DEADLINE_SECONDS)
        if host == "missing":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        if host == "odd":
            raise UnicodeError("label too long")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{n}", 80)) for n in range(20)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield release
    release.set()


async def test_a_name_gives_its_first_addresses(hanging: threading.Event) -> None:
    found = await BoundedResolver(DEADLINE_SECONDS).resolve("good", 80)
    assert [entry["host"] for entry in found] == [f"192.0.2.{n}" for n in range(MAX_ADDRESSES)]


async def test_hanging_lookups_are_given_up_and_starve_nobody(hanging: threading.Event) -> None:
    resolver = BoundedResolver(lookup_seconds=0.02)
    for number in range(30):
        with pytest.raises(socket.gaierror):
            await resolver.resolve(f"slow{number}", 80)
    assert await BoundedResolver(DEADLINE_SECONDS).resolve("good", 80)


def test_no_lookup_is_given_up_for_time_in_which_we_stood_still_ourselves(hanging: threading.Event) -> None:
    """R19"""

    async def story() -> None:
        clock = asyncio.get_running_loop().time

        def all_of_it() -> float:
            if clock() > 60:
                hanging.set()
            return clock()

        assert await BoundedResolver(late_seconds=all_of_it).resolve("slow", 80)

    in_a_jumping_loop(story)


async def test_lookups_that_still_hang_are_bounded_and_come_free_again(hanging: threading.Event) -> None:
    resolver = BoundedResolver(lookup_seconds=0.02, max_lookups=2)
    for name in ("slow1", "slow2"):
        with pytest.raises(socket.gaierror, match="too long"):
            await resolver.resolve(name, 80)
    with pytest.raises(socket.gaierror, match="too many"):
        await resolver.resolve("good", 80)
    hanging.set()
    resolver._lookup_seconds = DEADLINE_SECONDS
    await until(lambda: _resolves(resolver))


async def _resolves(resolver: BoundedResolver) -> bool:
    try:
        return bool(await resolver.resolve("good", 80))
    except socket.gaierror:
        return False


@pytest.mark.parametrize("name", ["missing", "odd"])
async def test_a_name_without_addresses_is_a_gaierror(name: str, hanging: threading.Event) -> None:
    with pytest.raises(socket.gaierror) as raised:
        await BoundedResolver(DEADLINE_SECONDS).resolve(name, 80)
    assert raised.value.errno == socket.EAI_NONAME  # and not that the lookup took too long
