"""The live run of one mutant, in the copy of the code that holds it: load, a few strikes of its faults, the
checker; without a limit of time.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from chaos.live.course.attack import Attack
from chaos.live.course.run import Plan, run
from chaos.live.course.verdict import Verdict
from chaos.live.faults.catalogue import FAULTS
from chaos.live.load.accounts import TENANTS
from chaos.live.world.world import NotReady, world
from chaos.mutants.catalogue import MUTANTS, NEVER_READY, SEED, Mutant
from shared.observing.logs import configure_logs

VOLLEY_SECONDS = 240.0  # a fault, and the way back from it


def main(name: str) -> None:
    configure_logs("chaos", "CRITICAL")
    mutant = next(each for each in MUTANTS if each.name == name)
    with tempfile.TemporaryDirectory(prefix="pixmill-mutant-run-") as folder:
        try:
            _tell(asyncio.run(_attacked(Path(folder), mutant)))
        except* NotReady as errors:
            print(f"BROKEN: {NEVER_READY}: {errors.exceptions[0]}")


async def _attacked(folder: Path, mutant: Mutant) -> Verdict:
    chosen = [fault for fault in FAULTS if fault.name in mutant.faults]
    attack = Attack(
        seed=SEED, faults=chosen, strikes=mutant.rounds * len(chosen), volley_seconds=VOLLEY_SECONDS
    )
    plan = Plan(seed=SEED, attack=attack, large_products=mutant.large_products, also_of_time=False)
    async with world(folder, tenants=TENANTS) as attacked:
        return await run(attacked, plan)


def _tell(verdict: Verdict) -> None:
    for name, found in verdict.violations.items():
        print(f"BROKEN: {name}: {found[0]}")
    print(verdict.row())


if __name__ == "__main__":
    main(sys.argv[1])
