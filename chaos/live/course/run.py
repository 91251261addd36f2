"""The steps of a run, in their order."""

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from chaos.live.checker.evidence import Evidence
from chaos.live.course.attack import Attack
from chaos.live.course.deadline import Step, Steps
from chaos.live.course.last_look import last_look
from chaos.live.course.machine import beat, note_processes
from chaos.live.course.settling import Settling
from chaos.live.course.verdict import Verdict, judged
from chaos.live.journal import Died, History, Journal, SeenEnd, Settled
from chaos.live.load.load import Load, open_load
from chaos.live.load.receivers import CANARY
from chaos.live.remains.gather import Sources, gather
from chaos.live.world.world import World

WARM_REQUESTS = 6  # have ended before the first fault, so that a process at work is known
WARM_SECONDS = 120.0
LOOK_SECONDS = 0.5
JOURNAL = "journal.ndjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    seed: int
    attack: Attack
    large_products: int
    quiet_seconds: float = 0.0  # after the attack, still under load: only then may nobody wait for others
    settled_until: float | None = None  # on the monotonic clock; None: as long as anything moves
    also_of_time: bool = True  # whether promises in seconds are judged too
    steps: Steps = field(default_factory=Steps)  # how far it is, for whoever waits


async def run(world: World, plan: Plan) -> Verdict:
    """Raises `NotReady` when the world does not come back after a fault."""
    began = time.monotonic()
    file = world.folder / JOURNAL
    journal = Journal(file)
    beats = asyncio.create_task(beat(journal))
    try:
        async with open_load(world, journal, plan.seed, large_products=plan.large_products) as load:
            await _attacked(world, plan, load, journal)
            plan.steps.now = Step.LOOKING
            await last_look(load, journal)
    finally:
        beats.cancel()
    note_processes(_pids(world), "after", journal)
    _note_deaths(world, journal)
    journal.close()
    plan.steps.now = Step.GATHERING
    evidence = await _evidence(world, History.read(file))
    seconds = time.monotonic() - began
    plan.steps.now = Step.JUDGING
    return await asyncio.to_thread(judged, evidence, plan.seed, seconds, also_of_time=plan.also_of_time)


async def _attacked(world: World, plan: Plan, load: Load, journal: Journal) -> None:
    """Returns when everybody has calmed down, and all work has come to its end or stands still."""
    async with asyncio.TaskGroup() as tasks:
        plan.steps.now = Step.WARMING_UP
        load.begin(tasks)
        await _warmed_up(world.folder / JOURNAL)
        note_processes(_pids(world), "before", journal)
        plan.steps.now = Step.ATTACKING
        await plan.attack.run(world, journal)
        await asyncio.sleep(plan.quiet_seconds)
        load.calm_down()
        plan.steps.now = Step.CALMING_DOWN
    plan.steps.now = Step.SETTLING
    settling = Settling(dsn=world.dsn, bootstrap=world.bootstrap, until=plan.settled_until)
    journal.add(Settled(left=await settling.left()))


async def _warmed_up(file: Path) -> None:
    """A Pixmill that is broken from the start may never be."""
    with suppress(TimeoutError):
        async with asyncio.timeout(WARM_SECONDS):
            while len(History.read(file).of(SeenEnd)) < WARM_REQUESTS:  # noqa: ASYNC110 - others note it
                await asyncio.sleep(LOOK_SECONDS)


def _pids(world: World) -> Mapping[str, int]:
    return {part.name: part.pid for part in world.services if part.is_running}


def _note_deaths(world: World, journal: Journal) -> None:
    """Kafka ends itself where its disk is full; that is its own matter."""
    services = {part.name for part in world.services}
    for death in world.deaths:
        if death.part in services:
            journal.add(Died(at=death.at, part=death.part, how=death.how, last_words=death.last_words))


async def _evidence(world: World, history: History) -> Evidence:
    logs = [file for name in world.parts for file in world.folder.glob(f"logs/{name}.log*")]
    return await gather(
        Sources(
            dsn=world.dsn,
            bootstrap=world.bootstrap,
            store=world.store,
            logs=logs,
            secrets=_secrets(world.folder),
        ),
        history,
    )


def _secrets(folder: Path) -> Mapping[str, str]:
    """What nobody but its owner may read: the keys of the stack, and what stands in a webhook's URL."""
    kept = json.loads((folder / "keys.json").read_text("utf-8"))
    own = {name: kept[name] for name in ("target_keys", "webhook_master_keys")}
    return {**own, "a secret of a webhook's URL": CANARY}
