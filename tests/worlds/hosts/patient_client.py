"""The guarded client for tests whose hosts are in their own process, and are given up by nobody because that
stood still: a service would not blame them either.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp.abc import AbstractResolver

from shared.outbound.addresses import Networks
from shared.outbound.client import GuardedClient, Timeouts, open_client
from shared.outbound.resolver import BoundedResolver
from tests.worlds.patience import DEADLINE_SECONDS

PATIENT = Timeouts(
    connect_seconds=DEADLINE_SECONDS, head_seconds=DEADLINE_SECONDS, silence_seconds=DEADLINE_SECONDS
)


@asynccontextmanager
async def patient_client(
    allow: Networks, *, timeouts: Timeouts = PATIENT, resolver: AbstractResolver | None = None, **options: Any
) -> AsyncIterator[GuardedClient]:
    resolver = resolver or BoundedResolver(DEADLINE_SECONDS)
    async with open_client(allow, timeouts=timeouts, resolver=resolver, **options) as client:
        yield client
