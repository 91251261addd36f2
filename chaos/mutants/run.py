"""The live run of one mutant: load, a few strikes of chosen faults, the checker; without a limit of time."""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from chaos.live.course.attack import Attack
from chaos.live.course.run import Plan, run
from chaos.live.course.verdict import Verdict
from chaos.live.faults.catalogue import FAULTS
from chaos.live.load.accounts import TENANTS
from chaos.live.world.world import world

SEED = 1
ROUNDS = 3
LARGE_PRODUCTS = 40


def main(names: Sequence[str]) -> None:
    """Each of these faults strikes as often."""
    with tempfile.TemporaryDirectory(prefix="pixmill-mutant-run-") as folder:
        verdict = asyncio.run(_attacked(Path(folder), names))
    for name, found in verdict.violations.items():
        print(f"BROKEN: {name}: {found[0]}")


async def _attacked(folder: Path, names: Sequence[str]) -> Verdict:
    chosen = [fault for fault in FAULTS if fault.name in names]
    plan = Plan(
        seed=SEED,
        attack=Attack(seed=SEED, faults=chosen, strikes=ROUNDS * len(chosen)),
        large_products=LARGE_PRODUCTS,
        also_of_time=False,
    )
    async with world(folder, tenants=TENANTS) as attacked:
        return await run(attacked, plan)


if __name__ == "__main__":
    main(sys.argv[1:])
