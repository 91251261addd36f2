"""How much one tenant may ask for in a minute: a token bucket for each tenant and quota (pure).

A bucket holds a minute's quota and fills evenly. What costs more than a whole bucket is let in when the
bucket is full and leaves a debt: no file is too large for ever, and the rate over time holds all the same.
The library `limits` counts in windows, and refuses for ever what costs more than one of them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Quota:
    name: str  # what is counted: requests, rows, bytes
    per_minute: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What a tenant has left of one quota."""

    quota: Quota
    remaining: int
    full_after_seconds: int


@dataclass(frozen=True, slots=True)
class Exceeded:
    quota: Quota
    retry_after_seconds: int


@dataclass(slots=True)
class _Bucket:
    quota: Quota
    updated_seconds: float
    level: float

    def fill(self, now_seconds: float) -> None:
        gained = max(now_seconds - self.updated_seconds, 0) * self.quota.per_minute / WINDOW_SECONDS
        self.level = min(self.level + gained, self.quota.per_minute)
        self.updated_seconds = max(now_seconds, self.updated_seconds)

    def seconds_until(self, level: float) -> int:
        return math.ceil((level - self.level) * WINDOW_SECONDS / self.quota.per_minute)


@dataclass(slots=True)
class RateLimits:
    """The buckets of all tenants. Times are seconds of any clock that does not go back."""

    quotas: Sequence[Quota]
    _buckets: dict[str, dict[str, _Bucket]] = field(default_factory=dict)

    def take(self, tenant: str, costs: Mapping[str, int], now_seconds: float) -> Exceeded | None:
        """Takes all of the costs or, when a quota does not allow it, none. Names without a quota are free."""
        buckets = self._filled(tenant, now_seconds)
        due = [(buckets[name], cost) for name, cost in costs.items() if name in buckets and cost > 0]
        waits = [
            Exceeded(bucket.quota, bucket.seconds_until(needed))
            for bucket, cost in due
            if bucket.level < (needed := min(cost, bucket.quota.per_minute))
        ]
        if waits:
            return max(waits, key=lambda wait: wait.retry_after_seconds)
        for bucket, cost in due:
            bucket.level -= cost
        return None

    def standings(self, tenant: str, now_seconds: float) -> list[Standing]:
        return [
            Standing(
                bucket.quota, max(math.floor(bucket.level), 0), bucket.seconds_until(bucket.quota.per_minute)
            )
            for bucket in self._filled(tenant, now_seconds).values()
        ]

    def _filled(self, tenant: str, now_seconds: float) -> dict[str, _Bucket]:
        if tenant not in self._buckets:
            self._buckets[tenant] = {
                quota.name: _Bucket(quota, now_seconds, quota.per_minute) for quota in self.quotas
            }
        for bucket in self._buckets[tenant].values():
            bucket.fill(now_seconds)
        return self._buckets[tenant]
