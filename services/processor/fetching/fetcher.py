"""Fetches the bytes of an image: redirects by hand, within limits of size, time and rate.

Whatever a host does wrong comes back as a `Failure`, or as `NotNow` where it takes no more for the moment.
Where it may have been us, `NoVerdict` is raised.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from yarl import URL

from services.processor.fetching.host_gate import WAIT_SECONDS
from services.processor.fetching.host_gates import Host, HostGates, Passage
from services.processor.fetching.our_time import OurTime
from services.processor.fetching.outages import NOTHING_TOLD, Told
from services.processor.fetching.packed import unpacked
from services.processor.verdicts import Failure, NotNow, NoVerdict
from shared.content_length import announced_bytes
from shared.contract.codes import FailureCode, http_code
from shared.outbound.client import GuardedClient, HttpAnswer, Unreachable
from shared.outbound.retry_after import retry_after_seconds
from shared.outbound.web_urls import is_web_url, parse_url, resolved
from shared.patience import Patience

MAX_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
WITH_RETRY_AFTER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
SMALL_BODY_BYTES = 1024 * 1024
REQUEST_HEADERS = {"Accept": "image/avif,image/webp,image/png,image/jpeg,image/*;q=0.9,*/*;q=0.5"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    max_bytes: int = 25 * 1024 * 1024
    total_seconds: float = 30
    grace_seconds: float = 5  # before the rate counts
    least_bytes_per_second: int = 10_000
    large_bodies: int = 8  # in memory at once; small ones are bounded by CONCURRENCY


class Fetcher:
    """The way from a URL to bytes. One for the process: it knows the hosts and counts the large bodies."""

    def __init__(
        self,
        client: GuardedClient,
        gates: HostGates,
        limits: FetchLimits,
        *,
        now: Callable[[], datetime],
        late_seconds: Callable[[], float],
    ) -> None:
        self._client = client
        self._gates = gates
        self._limits = limits
        self._now = now
        self._late_seconds = late_seconds  # of our event loop, in all
        self._waiting_for_room = 0
        self._large_bodies = asyncio.Semaphore(limits.large_bodies)

    @property
    def is_behind(self) -> bool:
        """Whether as many large bodies wait for memory as have some: they hold a MB and a connection each."""
        return self._waiting_for_room >= self._limits.large_bodies

    @asynccontextmanager
    async def fetched(self, url: str, told: Told = NOTHING_TOLD) -> AsyncIterator[bytes | Failure | NotNow]:
        """The body, for as long as the block lasts: then its share of the memory is given back."""
        async with AsyncExitStack() as held:
            yield await self._follow(url, held, told)

    async def _follow(self, text: str, held: AsyncExitStack, told: Told) -> bytes | Failure | NotNow:
        try:
            url = parse_url(text)
        except ValueError as error:
            return Failure(FailureCode.DNS_FAILED, f"the URL cannot be read: {error}"[:300])
        left_seconds, wait_seconds = self._limits.total_seconds, WAIT_SECONDS
        for _ in range(MAX_REDIRECTS + 1):
            asked = time.monotonic()
            way = self._gates.passage(_host(url), wait_seconds, url=str(url), told=told)
            async with way as passage:
                if passage.refusal is not None:
                    return passage.refusal
                started = time.monotonic()
                wait_seconds -= started - asked
                if (away := await self._ask_witness(passage, left_seconds)) is not None:
                    return away
                got = await self._visit(url, left_seconds, held)
                left_seconds -= time.monotonic() - started
                verdict = passage.end(got if isinstance(got, Failure) else None)
            if not isinstance(got, URL):
                return got if verdict is None else verdict
            url, told = got, told._replace(host_answered_url=None)  # which is of this host
        return Failure(FailureCode.TOO_MANY_REDIRECTS, f"more than {MAX_REDIRECTS}")

    async def _ask_witness(self, passage: Passage, seconds: float) -> Failure | NotNow | None:
        """None unless the host is away: then nothing is asked for."""
        if passage.witness is None:
            return None
        got = await self._visit(parse_url(passage.witness), seconds, held=None)
        return passage.end_witness(got if isinstance(got, Failure) else None)

    async def _visit(self, url: URL, seconds: float, held: AsyncExitStack | None) -> bytes | URL | Failure:
        """Without room to hold it in, no body is read."""
        ours = OurTime(self._late_seconds)
        got = await self._answer(url, seconds, held, ours)
        if isinstance(got, Failure) and ours.excuses(got):
            raise NoVerdict(f"{got.code} while we were late ourselves")
        return got

    async def _answer(
        self, url: URL, seconds: float, held: AsyncExitStack | None, ours: OurTime
    ) -> bytes | URL | Failure:
        code = FailureCode.TIMED_OUT
        try:
            with Patience(seconds, self._client.loop) as patience:
                async with self._client.request("GET", url, headers=REQUEST_HEADERS) as answer:
                    if answer.status != HTTPStatus.OK:
                        return self._no_body(answer, url)
                    if held is None:
                        return b""
                    code = FailureCode.TOO_SLOW
                    return await self._body(answer, held, patience, ours)
        except TimeoutError:
            return Failure(code, f"not all of it within {self._limits.total_seconds:g} s")
        except Unreachable as unreachable:
            return Failure(FailureCode(unreachable.code), unreachable.detail)

    def _no_body(self, answer: HttpAnswer, url: URL) -> URL | Failure:
        code = http_code(answer.status)
        if answer.status in WITH_RETRY_AFTER:
            wait_seconds = retry_after_seconds(answer.headers.get("Retry-After"), self._now())
            return Failure(code, retry_after_seconds=wait_seconds)
        if answer.status in REDIRECTS and "Location" in answer.headers:
            return _redirect_target(url, answer.headers["Location"]) or Failure(code, "it leads nowhere")
        return Failure(code)

    async def _body(
        self, answer: HttpAnswer, held: AsyncExitStack, patience: Patience, ours: OurTime
    ) -> bytes | Failure:
        limits = self._limits
        if (announced_bytes(answer.headers.get("Content-Length")) or 0) > limits.max_bytes:
            return _too_large(limits.max_bytes)
        chunks: list[bytes] = []
        size, is_small, started = 0, True, time.monotonic()
        async for chunk in unpacked(answer.chunks(), answer.headers.get("Content-Encoding", "")):
            chunks.append(chunk)
            size += len(chunk)
            if size > limits.max_bytes:
                return _too_large(limits.max_bytes)
            elapsed = time.monotonic() - started
            if elapsed > limits.grace_seconds and size < elapsed * limits.least_bytes_per_second:
                return Failure(FailureCode.TOO_SLOW, f"{size} bytes in {elapsed:.0f} s")
            if is_small and size > SMALL_BODY_BYTES:
                waited_seconds = await self._wait_for_room(held, patience)
                ours.add(waited_seconds)
                started += waited_seconds
                is_small = False
        return b"".join(chunks)

    async def _wait_for_room(self, held: AsyncExitStack, patience: Patience) -> float:
        """That is our own time, which does not count against the host."""
        since = time.monotonic()
        patience.pause()
        self._waiting_for_room += 1
        try:
            await held.enter_async_context(self._large_bodies)
        finally:
            self._waiting_for_room -= 1
        patience.go_on()
        return time.monotonic() - since


def _too_large(max_bytes: int) -> Failure:
    return Failure(FailureCode.TOO_LARGE, f"it has more than {max_bytes:,} bytes")


def _host(url: URL) -> Host:
    return url.scheme, (url.raw_host or "").lower(), url.port or 0


def _redirect_target(url: URL, location: str) -> URL | None:
    """Checked like the first URL; the address behind it is checked at the connection."""
    try:
        target = resolved(url, location)
    except ValueError:
        return None
    return target if is_web_url(target) else None
