"""Asks the dependencies of a service now and then whether they answer, so that readiness heals by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from shared.observing.contact import Contact
from shared.observing.health import Health
from shared.outcomes import Away, Refused
from shared.waits import wait_for_beat

CHECK_EVERY_SECONDS = 3.0
CHECK_SECONDS = 5.0

Check = Callable[[], Awaitable[None]]


async def watch_dependencies(checks: Mapping[str, Check], health: Health, stopping: asyncio.Event) -> None:
    contacts = {name: Contact(dependency=name) for name in checks}
    for name in checks:
        health.unready(name, "not yet asked")
    while not stopping.is_set():
        await asyncio.gather(*(_ask(name, check, contacts[name], health) for name, check in checks.items()))
        await wait_for_beat(stopping, CHECK_EVERY_SECONDS)


async def _ask(name: str, check: Check, contact: Contact, health: Health) -> None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except (Away, Refused, TimeoutError) as error:
        reason = str(error) or "no answer"
        contact.lost(reason=reason)
        health.unready(name, reason)
        return
    contact.found()
    health.ready(name)
