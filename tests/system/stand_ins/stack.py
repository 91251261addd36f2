"""Runs the local stack with stand-ins for its services: `-m tests.system.stand_ins.stack ROLE=NAME …`."""

import sys

from deploy.local.run import run
from deploy.local.services import MODULES
from deploy.local.terminal import StopRequest

if __name__ == "__main__":
    stop_request = StopRequest()
    stop_request.listen()
    chosen = dict.fromkeys(MODULES, "ready") | {"topics": "done"} | dict(a.split("=") for a in sys.argv[1:])
    sys.exit(run(stop_request, {role: f"tests.system.stand_ins.{name}" for role, name in chosen.items()}))
