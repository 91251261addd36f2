"""Runs the local stack with stand-ins for its services: `-m tests.system.stand_ins.stack ROLE=NAME …`.

Whoever does not end when asked to is killed after `kill_after=SECONDS`, by default too late for any test.
A service may stand still for `ready_seconds=SECONDS` before it is ready.
Another stack has `lock_patience=SECONDS` to say that it is stopping.
"""

import signal
import sys

from deploy.local import data_lock, services, stack
from deploy.local.processes import former_run
from deploy.local.run import run
from deploy.local.terminal import StopRequest

NEVER_SECONDS = 1_000.0

if __name__ == "__main__":
    stop_request = StopRequest()
    stop_request.listen()
    given = dict(argument.split("=") for argument in sys.argv[1:])
    kill_after = float(given.pop("kill_after", NEVER_SECONDS))
    services.STOP_SIGNALS = ((signal.SIGTERM, kill_after),)
    former_run.ORDERLY_SECONDS = kill_after
    stack.READY_SECONDS = float(given.pop("ready_seconds", stack.READY_SECONDS))
    data_lock.PATIENCE_SECONDS = float(given.pop("lock_patience", data_lock.PATIENCE_SECONDS))
    chosen = dict.fromkeys(services.MODULES, "ready") | {"topics": "done"} | given
    sys.exit(run(stop_request, {role: f"tests.system.stand_ins.{name}" for role, name in chosen.items()}))
