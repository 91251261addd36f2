"""The hosts that images lie on, good and bad ones. Each notes what it sent; none knows who asks."""

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import assert_never

from aiohttp import web

from chaos.live.journal import COME_LATER, WENT_AWAY, Journal, NobodyListens, Sent
from chaos.live.load.forbidden import forbidden_host
from chaos.live.load.natures import Lie, Nature, Shake
from chaos.live.load.pictures import Pictures
from chaos.live.load.serving import serving
from deploy.local.free_ports import free_port

# How many there are of each. The good ones are many, as they are in a shop's file.
HOSTS: Mapping[Nature, int] = {nature: 3 if nature is Nature.WELL else 1 for nature in Nature}
LIMITED_PER_SECOND = 8.0
SLOW_SECONDS = 3.0
SLOW_PIECES = 6
SHAKES = 0.4  # of the answers of a shaky host
SILENT_SECONDS = 120.0  # longer than anybody waits
SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Wrong:
    """An answer that no good host gives. Without a status the connection breaks after `body`."""

    what: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True, kw_only=True)
class Host:
    """One host. Once it is `calm` the shaky, the limited and the silent serve as well as the good ones."""

    nature: Nature
    address: str
    pictures: Pictures
    journal: Journal
    chance: random.Random
    calm: asyncio.Event
    forbidden: str  # an address that nobody may call
    _tokens: float = LIMITED_PER_SECOND
    _tokens_at: float = field(default_factory=time.monotonic)
    _asked: int = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._noted(request)
        except ConnectionError:  # nobody is there to be told
            return web.Response()

    async def _noted(self, request: web.Request) -> web.StreamResponse:
        began, sha256, wrong = time.monotonic(), None, self._unless_whole()
        self._asked += 1
        try:
            content = await self._content(request.path)
            if isinstance(content, Wrong):
                wrong = content.what
                return await _answer_wrongly(request, content)
            answer = await self._sent_whole(request, content)
            sha256, wrong = hashlib.sha256(content).hexdigest(), ""  # whoever asked may be gone already
            await answer.write_eof()
            return answer
        finally:
            self.journal.add(
                Sent(
                    url=f"{self.address}{request.path}",
                    sha256=sha256,
                    wrong=wrong or None,
                    seconds=time.monotonic() - began,
                )
            )

    async def _content(self, path: str) -> bytes | Wrong:
        image = self.pictures.named(path)
        match self.nature:
            case Nature.WELL | Nature.SLOW | Nature.DEAD:
                return image
            case Nature.CHANGING:
                return image + f" {self._asked}".encode()
            case Nature.LIMITED:
                return image if self._has_token() else _come_later(429)
            case Nature.SHAKY:
                return self._shaken(image) if self._shakes() else image
            case Nature.LYING:
                return _lie(path, image, self.forbidden)
            case Nature.SILENT:
                return await self._silence(image)
            case _:
                assert_never(self.nature)

    async def _sent_whole(self, request: web.Request, image: bytes) -> web.StreamResponse:
        answer = web.StreamResponse()
        answer.content_type, answer.content_length = "image/jpeg", len(image)
        await answer.prepare(request)
        if self.nature is not Nature.SLOW or self.calm.is_set():
            await answer.write(image)
            return answer
        size = -(-len(image) // SLOW_PIECES)
        for start in range(0, len(image), size):
            await asyncio.sleep(SLOW_SECONDS / SLOW_PIECES)
            await answer.write(image[start : start + size])
        return answer

    def _unless_whole(self) -> str:
        """What is noted where whoever asked did not wait for the end."""
        return SILENCE if self.nature is Nature.SILENT and not self.calm.is_set() else WENT_AWAY

    def _has_token(self) -> bool:
        now = time.monotonic()
        self._tokens = min(LIMITED_PER_SECOND, self._tokens + (now - self._tokens_at) * LIMITED_PER_SECOND)
        self._tokens_at = now
        if self._tokens < 1 and not self.calm.is_set():
            return False
        self._tokens -= 1
        return True

    def _shakes(self) -> bool:
        return not self.calm.is_set() and self.chance.random() < SHAKES

    def _shaken(self, image: bytes) -> Wrong:
        how = self.chance.choice(list(Shake))
        match how:
            case Shake.ERROR:
                return Wrong(how, 500)
            case Shake.BUSY:
                return _come_later(503)
            case Shake.CUT:
                return Wrong(how, body=_promising(len(image)) + image[: len(image) // 2])
            case Shake.RESET:
                return Wrong(how)
            case _:
                assert_never(how)

    async def _silence(self, image: bytes) -> bytes | Wrong:
        if self.calm.is_set():
            return image
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENT_SECONDS):
                await self.calm.wait()
        return Wrong(SILENCE)


def _come_later(status: int) -> Wrong:
    return Wrong(COME_LATER, status, {"Retry-After": "1"})


def _promising(length: int) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n".encode()


def lie_of(path: str) -> Lie:
    """The same for the same path."""
    return random.Random(path).choice(list(Lie))


def _lie(path: str, image: bytes, forbidden: str) -> Wrong:  # noqa: PLR0911 - one for each lie
    how = lie_of(path)
    is_jpeg = {"Content-Type": "image/jpeg"}
    match how:
        case Lie.MISSING:
            return Wrong(how, 404)
        case Lie.TEXT:
            return Wrong(how, 200, is_jpeg, b"<html>no image</html>")
        case Lie.TRUNCATED:
            return Wrong(how, 200, is_jpeg, image[: len(image) // 2])
        case Lie.SHORT:
            return Wrong(how, body=_promising(len(image)) + image[:100])
        case Lie.CIRCLE:
            return Wrong(how, 302, {"Location": path})
        case Lie.EMPTY:
            return Wrong(how, 200, is_jpeg)
        case Lie.FORBIDDEN:
            return Wrong(how, 302, {"Location": f"{forbidden}{path}"})
        case _:
            assert_never(how)


async def _answer_wrongly(request: web.Request, wrong: Wrong) -> web.StreamResponse:
    if wrong.status is not None:
        return web.Response(status=wrong.status, headers=wrong.headers, body=wrong.body)
    if request.transport is not None:
        request.transport.write(wrong.body)
        request.transport.close()
    return web.Response()


@dataclass(frozen=True, slots=True)
class Hosts:
    addresses: Mapping[Nature, Sequence[str]]


@asynccontextmanager
async def open_hosts(seed: int, journal: Journal, calm: asyncio.Event) -> AsyncIterator[Hosts]:
    """Each at a port of its own, so that nobody takes two of them for one."""
    pictures = Pictures(seed)
    addresses: dict[Nature, list[str]] = {nature: [] for nature in Nature}
    async with AsyncExitStack() as opened:
        forbidden = await opened.enter_async_context(forbidden_host(journal))
        for nature, count in HOSTS.items():
            for number in range(count):
                port = free_port()
                address = f"http://127.0.0.1:{port}"
                addresses[nature].append(address)
                if nature is Nature.DEAD:
                    journal.add(NobodyListens(host=address))
                    continue
                host = Host(
                    nature=nature,
                    address=address,
                    pictures=pictures,
                    journal=journal,
                    chance=random.Random(f"{seed} {nature} {number}"),
                    calm=calm,
                    forbidden=forbidden,
                )
                app = web.Application()
                app.router.add_get("/{name}", host.answer)
                await opened.enter_async_context(serving(app, port))
        yield Hosts(addresses)
