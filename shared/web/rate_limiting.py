"""Holds callers to their tenant's quotas, and tells how they stand (RateLimit headers of the IETF draft).

The buckets lie in this process's memory: a tenant of a service that runs twice may ask for twice as much.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fastapi import FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.observing.logs import Action, log
from shared.observing.metrics import RATE_LIMITED
from shared.web.api_keys import Scope as KeyScope
from shared.web.auth import Authenticator, TenantOf
from shared.web.problems import Problem, too_many
from shared.web.quotas import WINDOW_SECONDS, Exceeded, Quota, RateLimits, Standing


def open_rate_limiter(**per_minute: int) -> "RateLimiter":
    """`requests=600`; a quota of 0 is none."""
    return RateLimiter(RateLimits([Quota(name, amount) for name, amount in per_minute.items() if amount]))


@dataclass(frozen=True, slots=True)
class RateLimiter:
    limits: RateLimits
    clock_seconds: Callable[[], float] = time.monotonic

    def take(self, request: Request, tenant: str, **costs: int) -> None:
        """Counts the costs. Where a quota does not allow them, it counts nothing and raises a 429 problem."""
        now_seconds = self.clock_seconds()
        exceeded = self.limits.take(tenant, costs, now_seconds)
        request.state.rate_limit = _headers(self.limits.standings(tenant, now_seconds))
        if exceeded is not None:
            RATE_LIMITED.labels(exceeded.quota.name).inc()
            log.info(Action.REQUEST_REFUSED, tenant=tenant, quota=exceeded.quota.name)
            raise rate_limited(exceeded)


@dataclass(frozen=True, slots=True)
class RateLimited:
    """An authenticator that counts the requests of those it lets in."""

    authenticator: Authenticator
    limiter: RateLimiter

    @property
    def asks_for_keys(self) -> bool:
        return self.authenticator.asks_for_keys

    async def tenant(self, request: Request) -> str:
        return self._counted(request, await self.authenticator.tenant(request))

    def tenant_with(self, scope: KeyScope) -> TenantOf:
        tenant_of = self.authenticator.tenant_with(scope)

        async def counted_tenant(request: Request) -> str:
            return self._counted(request, await tenant_of(request))

        return counted_tenant

    def _counted(self, request: Request, tenant: str) -> str:
        self.limiter.take(request, tenant, requests=1)
        return tenant


def install_rate_limit_headers(app: FastAPI) -> None:
    app.add_middleware(_RateLimitHeaders)


@dataclass(slots=True)
class _RateLimitHeaders:
    """Adds to each answer what was noted for its caller."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noted_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(scope.get("state", {}).get("rate_limit", {}))
            await send(message)

        await self.app(scope, receive, noted_send)


def _headers(standings: Sequence[Standing]) -> dict[str, str]:
    if not standings:
        return {}
    policy = [f'"{each.quota.name}";q={each.quota.per_minute};w={WINDOW_SECONDS}' for each in standings]
    standing = [f'"{each.quota.name}";r={each.remaining};t={each.full_after_seconds}' for each in standings]
    return {"RateLimit-Policy": ", ".join(policy), "RateLimit": ", ".join(standing)}


def rate_limited(exceeded: Exceeded) -> Problem:
    quota, seconds = exceeded.quota, exceeded.retry_after_seconds
    error = f"The limit of {quota.per_minute:,} {quota.name} a minute is reached; come again in {seconds} s."
    extensions = {"limit": f"{quota.name} a minute", "maximum": quota.per_minute}
    return replace(too_many(error, seconds, "rate-limited"), extensions=extensions)
