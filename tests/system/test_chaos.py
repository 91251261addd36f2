"""Two minutes of `make chaos` with a fixed seed: what comes of it is judged, and how long it takes is not."""

import asyncio
from pathlib import Path

import pytest

from chaos.live.course.attack import Attack
from chaos.live.course.run import Plan, run
from chaos.live.course.verdict import Verdict
from chaos.live.faults.catalogue import FAULTS
from chaos.live.load.accounts import TENANTS
from chaos.live.world.world import world

SEED = 20
LARGE_PRODUCTS = 60
STRIKES = (
    "status killed",
    "processor ended",
    "notifier at: webhook posted, not told",
    "status at: images published, not marked",
    "ingest at: upload announced, not answered",
    "kafka killed, away for 3 s",
    "postgres stopped at once",
    "status cut off from postgres",
    "processor at: image stored, not told",
    "poison: not JSON",
)


@pytest.mark.timeout(900)
def test_under_load_and_faults_every_promise_is_kept(tmp_path: Path) -> None:
    """R05 R09 R17 R18 R22 R23 R29"""
    verdict = asyncio.run(attacked(tmp_path))
    assert verdict.violations == {}
    assert set(verdict.faults) | set(verdict.missed) == set(STRIKES)
    assert any(verdict.redeliveries.values())


async def attacked(folder: Path) -> Verdict:
    chosen = [fault for fault in FAULTS if fault.name in STRIKES]
    plan = Plan(
        seed=SEED,
        attack=Attack(seed=SEED, faults=chosen, strikes=len(STRIKES)),
        large_products=LARGE_PRODUCTS,
        also_of_time=False,
    )
    async with world(folder, tenants=TENANTS) as pixmill:
        return await run(pixmill, plan)
