"""`make chaos`: load and faults for CHAOS_SECONDS, then healing and the checker.

`SEED=…` gives the same files, hosts and order of faults again; `CHAOS_FAULTS="killed|frozen"` takes only
those with one of these parts in their names. Exit 0 only where nothing was found, and faults and redeliveries
were seen. The run itself is a process of its own, with which all ends that it has started.
"""

import subprocess
import sys

from chaos.live.enclosure import enclosed
from deploy.local.usage import refuse_arguments

INTERRUPTED = 130


def main() -> int:
    refuse_arguments("chaos.live", __doc__, settings="Settings are environment variables.")
    try:
        return subprocess.run(enclosed([sys.executable, "-m", "chaos.live.inside"]), check=False).returncode
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
