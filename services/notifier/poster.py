"""Posts one delivery through the guarded client and reads as much of the answer as is kept or needed.

Whatever a receiver does ends in an `Attempt`; this file decides nothing about retries.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from aiohttp.abc import AbstractResolver

from services.notifier.deliveries import Attempt
from services.notifier.excerpt import excerpt
from services.notifier.target import Target
from services.notifier.verdict import answered, silent
from shared.observing.loop_lag import LOOP_LAG
from shared.outbound.addresses import Networks
from shared.outbound.client import GuardedClient, HttpAnswer, NetCode, Timeouts, Unreachable, open_client
from shared.patience import FairPatience

ATTEMPT_SECONDS = 15.0
ANSWER_BYTES = 64 * 1024  # read at most; what comes after is dropped with the connection


@dataclass(frozen=True, slots=True)
class Post:
    target: Target
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpPoster:
    """The `Poster` port over two guarded clients: one for https, one for what may go unencrypted."""

    encrypted: GuardedClient
    plain: GuardedClient
    now: Callable[[], datetime]
    attempt_seconds: float = ATTEMPT_SECONDS
    late_seconds: Callable[[], float] = LOOP_LAG.late_seconds  # of ours, for which no receiver is blamed

    async def post(self, post: Post) -> Attempt:
        began = time.monotonic()
        attempt = await self._outcome(post)
        return replace(attempt, duration_ms=round((time.monotonic() - began) * 1000, 1))

    async def _outcome(self, post: Post) -> Attempt:
        try:
            return await self._exchange(post)
        except TimeoutError:
            return silent(NetCode.TIMED_OUT)
        except Unreachable as unreachable:
            return silent(unreachable.code, unreachable.certificate)

    async def _exchange(self, post: Post) -> Attempt:
        client = self.encrypted if post.target.is_encrypted else self.plain
        headers = {**post.headers, **post.target.authorization()}
        patience = FairPatience(self.attempt_seconds, self.late_seconds)
        request = client.request("POST", post.target.url, headers=headers, body=post.body)
        async with AsyncExitStack() as exchange:
            with patience:
                answer = await exchange.enter_async_context(request)
            attempt = answered(answer.status, answer.headers.get("Retry-After"), self.now())
            body = await _beginning(answer, patience)
        return replace(attempt, response_excerpt=excerpt(body, post.target.secrets()))


async def _beginning(answer: HttpAnswer, patience: FairPatience) -> bytes:
    """The status is the receiver's word; a body that hangs or breaks off after it changes nothing."""
    read = bytearray()
    try:
        with patience:
            async for chunk in answer.chunks():
                read += chunk
                if len(read) >= ANSWER_BYTES:
                    break
    except (TimeoutError, Unreachable):
        pass
    return bytes(read[:ANSWER_BYTES])


@asynccontextmanager
async def open_poster(
    allowed: Networks, now: Callable[[], datetime], resolver: AbstractResolver | None = None
) -> AsyncIterator[HttpPoster]:
    """Connections are not kept: a post over one that the receiver has just closed would be our failure."""
    timeouts = Timeouts(head_seconds=ATTEMPT_SECONDS, silence_seconds=ATTEMPT_SECONDS)
    client = partial(
        open_client,
        allowed,
        timeouts=timeouts,
        keep_alive=False,
        resolver=resolver,
        late_seconds=LOOP_LAG.late_seconds,
    )
    async with client() as encrypted, client(public=False) as plain:
        yield HttpPoster(encrypted, plain, now)
