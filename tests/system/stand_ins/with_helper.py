"""A service that starts a process of its own, says its pid, and does not care what becomes of it."""

import subprocess
import sys

from tests.system.stand_ins.ready import serve

if __name__ == "__main__":
    helper = subprocess.Popen(["sleep", "1000"])
    sys.stdout.write(f"helper {helper.pid}\n")
    sys.stdout.flush()
    serve()
