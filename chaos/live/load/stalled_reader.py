"""A reader that asks for much and then stops reading, and comes again for more."""

import asyncio
import random
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

SMALLEST_BUFFER_BYTES = 2_048
FIRST_BYTES = 512
STARE_SECONDS = 45.0
NOTHING_YET_SECONDS = 2.0
PARTS = ("/events", "/images?limit=1000", "/output.csv", "/images.zip")


@dataclass(frozen=True, slots=True, kw_only=True)
class StalledReader:
    status_urls: Sequence[str]
    api_key: str
    known: Callable[[], Sequence[str]]  # requests that there are by then
    chance: random.Random
    closing: asyncio.Event

    async def run(self) -> None:
        while not self.closing.is_set():
            ids = self.known()
            if not ids:
                await asyncio.sleep(NOTHING_YET_SECONDS)
                continue
            path = f"/v1/requests/{self.chance.choice(ids)}{self.chance.choice(PARTS)}"
            with suppress(OSError):
                await self._stare(f"{self.chance.choice(self.status_urls)}{path}")

    async def _stare(self, url: str) -> None:
        parts = urlsplit(url)
        head = f"GET {url} HTTP/1.1\r\nHost: {parts.netloc}\r\nX-API-Key: {self.api_key}\r\n\r\n"
        loop = asyncio.get_running_loop()
        with socket.socket() as connection:
            connection.setblocking(False)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALLEST_BUFFER_BYTES)
            async with asyncio.timeout(STARE_SECONDS):
                await loop.sock_connect(connection, (parts.hostname, parts.port))
                await loop.sock_sendall(connection, head.encode())
                await loop.sock_recv(connection, FIRST_BYTES)
                await self.closing.wait()
