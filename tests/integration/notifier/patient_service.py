"""The notifier, which waits for a receiver that hangs for longer than any test lasts: whoever had to wait for
the end of such an attempt would wait in vain. Nor takes it a slow machine for a receiver that hangs.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial

from services.notifier import __main__ as service
from services.notifier import poster, receivers
from shared.outbound.addresses import Networks
from shared.outbound.client import Timeouts

ATTEMPT_SECONDS = 3_600.0


@asynccontextmanager
async def open_patient_poster(
    allowed: Networks, now: Callable[[], datetime]
) -> AsyncIterator[poster.HttpPoster]:
    async with poster.open_poster(allowed, now) as opened:
        yield replace(opened, attempt_seconds=ATTEMPT_SECONDS)


if __name__ == "__main__":
    poster.ATTEMPT_SECONDS = receivers.HANGS_SECONDS = ATTEMPT_SECONDS
    poster.Timeouts = partial(Timeouts, connect_seconds=ATTEMPT_SECONDS)  # type: ignore[attr-defined, assignment] # as a patch
    service.open_poster = open_patient_poster  # type: ignore[assignment, attr-defined] # as a patch
    service.main()
