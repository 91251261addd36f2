"""Asks the dependencies of a service now and then whether they answer, so that readiness heals by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from shared.observing.health import Health
from shared.observing.logs import Action, log
from shared.outcomes import Away, Refused
from shared.waits import wait_for

CHECK_EVERY_SECONDS = 3.0
CHECK_SECONDS = 5.0
NOT_YET_ASKED = "not yet asked"

Check = Callable[[], Awaitable[None]]


async def watch_dependencies(checks: Mapping[str, Check], health: Health, stopping: asyncio.Event) -> None:
    for name in checks:
        health.unready(name, NOT_YET_ASKED)
    while not stopping.is_set():
        await asyncio.gather(*(_ask(name, check, health) for name, check in checks.items()))
        await wait_for(stopping, CHECK_EVERY_SECONDS)


async def _ask(name: str, check: Check, health: Health) -> None:
    was_away = health.reasons().get(name) not in (None, NOT_YET_ASKED)
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except (Away, Refused, TimeoutError) as error:
        health.unready(name, str(error) or "no answer")
        if not was_away:
            log.warning(Action.DEPENDENCY_AWAY, dependency=name, reason=str(error))
        return
    health.ready(name)
    if was_away:
        log.info(Action.DEPENDENCY_BACK, dependency=name)
