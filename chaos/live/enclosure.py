"""A run in namespaces of its own: what it mounts and starts ends with it, however it ends. The kernel sees to
that, so nobody has to clean up. It knows nothing of what runs in there.
"""

import shutil
import signal
import subprocess
from collections.abc import Sequence

from deploy.local.processes.child import tied_to_us

COMMAND_SECONDS = 30


def enclosed(command: Sequence[str]) -> list[str]:
    """How this process runs the command so that it ends with us, and all that it has started ends with it.

    Where we have no right to namespaces only the former holds.
    """
    return [*tied_to_us(signal.SIGKILL), *(may_enclose() or ()), *command]


def may_enclose() -> list[str] | None:
    """What stands before a command for that; None where this machine does not allow it."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    enclosing = [unshare, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    tried = subprocess.run([*enclosing, "true"], capture_output=True, check=False, timeout=COMMAND_SECONDS)
    return enclosing if tried.returncode == 0 else None
