"""Many seeds, one line each: `make simulate SEEDS=1000`, or `SEED=…` alone for one that failed. It starts a
Postgres of its own, and ends it.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from chaos.simulation.run import simulate
from chaos.simulation.virtual_time import simulated_database
from deploy.local.testing import postgres_server
from deploy.local.usage import refuse_arguments, whole_number
from shared.observing.logs import configure_logs

STEPS = 3_000
SEEDS = 50


def main() -> int:
    refuse_arguments("chaos.simulation", __doc__, settings="Settings are environment variables.")
    seeds = _seeds()
    configure_logs("simulation", "CRITICAL")
    faults: Counter[str] = Counter()
    broken = []
    with tempfile.TemporaryDirectory() as folder, postgres_server(Path(folder)) as (server, _):
        dsn = simulated_database(server.dsn)
        for seed in seeds:
            verdict = asyncio.run(simulate(dsn, seed, STEPS))
            faults.update(verdict.faults)
            if verdict.violations:
                broken.append(seed)
            told = {"seed": seed, "digest": verdict.digest, "violations": verdict.violations}
            print(json.dumps(told), flush=True)
    print(json.dumps({"seeds": len(seeds), "steps_each": STEPS, "faults": faults, "broken_seeds": broken}))
    return 1 if broken else 0


def _seeds() -> Sequence[int]:
    one = whole_number(os.environ, "SEED")
    return range(1, (whole_number(os.environ, "SEEDS", least=1) or SEEDS) + 1) if one is None else [one]


if __name__ == "__main__":
    sys.exit(main())
