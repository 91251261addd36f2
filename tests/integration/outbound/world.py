"""`python -m tests.integration.outbound.world`, in a network namespace of its own: an internet in which every
address leads to one canary and names are answered by an attacker. It fetches what it reads from its input,
one JSON list of URLs, through the processor's real way out, and prints what came of each.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from urllib.parse import unquote

from services.processor.fetching.fetcher import Fetcher, FetchLimits
from services.processor.fetching.host_gates import HostGates
from services.processor.verdicts import Failure
from shared.outbound.client import open_client
from tests.integration.outbound.name_server import NameServer

PUBLIC_IPV4, PUBLIC_IPV6 = "93.184.216.34", "2606:2800:220:1::34"
NAME_SERVER = "9.9.9.9"


@dataclass
class Canary:
    """Every web server of this internet. Only the public ones are nice."""

    visited: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visited.append(writer.get_extra_info("sockname")[0])
        try:
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
            writer.write(_answer(path))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def taken(self) -> list[str]:
        visited, self.visited = self.visited, []
        return visited


def _answer(path: str) -> bytes:
    if path.startswith("/to/"):
        target = unquote(path.removeprefix("/to/"))
        return f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"


async def main(zone: dict[str, list[list[str]]], urls: Sequence[str], addresses: Sequence[str]) -> None:
    canary = Canary()
    async with _internet(canary, zone):
        unguarded = [address for address in addresses if await _reaches(address, canary)]
        outcomes = [await _outcome(url, canary) for url in urls]
    json.dump({"unguarded": unguarded, "outcomes": outcomes}, sys.stdout)


@asynccontextmanager
async def _internet(canary: Canary, zone: dict[str, list[list[str]]]) -> AsyncIterator[None]:
    _make_every_address_ours()
    loop = asyncio.get_running_loop()
    names, _ = await loop.create_datagram_endpoint(lambda: NameServer(zone), (NAME_SERVER, 53))
    async with (
        await asyncio.start_server(canary.serve, "0.0.0.0", 80),
        await asyncio.start_server(canary.serve, "::", 80),
    ):
        yield
    names.close()


def _make_every_address_ours() -> None:
    for command in (
        "ip link set lo up",
        "ip route add local 0.0.0.0/0 dev lo",
        "ip -6 route add local ::/0 dev lo",
    ):
        subprocess.run(command.split(), check=True)


async def _reaches(address: str, canary: Canary) -> bool:
    """Whether a connection without the guard would have counted: told at once, as all addresses are ours."""
    try:
        _, writer = await asyncio.open_connection(address, 80)
    except OSError:
        return False
    writer.close()
    while not canary.visited:
        await asyncio.sleep(0.001)
    return bool(canary.taken())


async def _outcome(url: str, canary: Canary) -> dict[str, object]:
    """Twice, each with a client of its own: so a name may resolve to something else the second time."""
    codes = [await _fetched(url), await _fetched(url)]
    return {"codes": codes, "visited": sorted({_canonical(address) for address in canary.taken()})}


async def _fetched(url: str) -> str:
    async with open_client(()) as client:
        fetcher = Fetcher(
            client,
            HostGates(8, under_way=24),
            FetchLimits(),
            now=lambda: datetime.now(UTC),
            late_seconds=lambda: 0,
        )
        async with fetcher.fetched(url) as got:
            return got.code if isinstance(got, Failure) else "fetched"


def _canonical(text: str) -> str:
    address = ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


if __name__ == "__main__":
    asyncio.run(main(**json.load(sys.stdin)))
