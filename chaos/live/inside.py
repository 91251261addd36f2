"""The run that `python -m chaos.live` asks for, in a process of its own."""

import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from chaos.live.course.attack import Attack
from chaos.live.course.deadline import Step, Steps, deadline
from chaos.live.course.run import Plan, run
from chaos.live.course.verdict import Verdict
from chaos.live.faults.catalogue import FAULTS
from chaos.live.faults.fault import Fault
from chaos.live.load.accounts import TENANTS
from chaos.live.world.world import NotReady, world
from deploy.local.usage import whole_number
from shared.observing.logs import configure_logs

SECONDS = 1_200.0
QUIET_SHARE = 0.15  # of the time nothing strikes, at the end: a fault's aftermath and as long again
MORE_SECONDS = 300.0  # than it attacks
SETTLE_SECONDS = 240.0  # of them
LARGE_PRODUCTS_A_SECOND = 0.8


def main() -> int:
    given = whole_number(os.environ, "SEED")
    seed = random.SystemRandom().randrange(10**6) if given is None else given
    seconds = float(whole_number(os.environ, "CHAOS_SECONDS", least=1) or SECONDS)
    folder = Path(tempfile.mkdtemp(prefix="pixmill-chaos-"))
    print(f"SEED={seed} CHAOS_SECONDS={seconds:g}\njournal and logs: {folder}", flush=True)
    configure_logs("chaos", "CRITICAL")
    verdict = _judged(folder, seed, seconds)
    if verdict is None:
        return 1
    if not verdict.violations:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if verdict.is_good else 1


def _judged(folder: Path, seed: int, seconds: float) -> Verdict | None:
    """None where the world did not come back."""
    steps = Steps()
    try:
        with deadline(seconds + MORE_SECONDS, steps):
            return asyncio.run(_run(folder, seed, seconds, steps))
    except* NotReady as errors:
        print(*errors.exceptions)
    return None


async def _run(folder: Path, seed: int, seconds: float, steps: Steps) -> Verdict:
    over = time.monotonic() + seconds
    quiet_seconds = seconds * QUIET_SHARE
    plan = Plan(
        seed=seed,
        attack=Attack(seed=seed, faults=_faults(), until=over - quiet_seconds),
        large_products=round(seconds * LARGE_PRODUCTS_A_SECOND),
        quiet_seconds=quiet_seconds,
        settled_until=over + SETTLE_SECONDS,
        steps=steps,
    )
    async with world(folder, tenants=TENANTS) as attacked:
        verdict = await run(attacked, plan)
        _tell(verdict)
        steps.now = Step.STOPPING
    return verdict


def _faults() -> Sequence[Fault]:
    parts = os.environ.get("CHAOS_FAULTS", "").split("|")
    return [fault for fault in FAULTS if any(part in fault.name for part in parts)]


def _tell(verdict: Verdict) -> None:
    for remark in verdict.remarks:
        print(f"remark: {remark}")
    for name, found in verdict.violations.items():
        print(f"BROKEN: {name}")
        for each in found:
            print(f"  {each}")
    print(verdict.row(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
