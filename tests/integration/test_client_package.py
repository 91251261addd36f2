"""R28: the client's wheel and sdist install alone, and pipx runs the wheel. `make test-pythons` does it on
each Python there is.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_wheel_and_sdist_install_into_an_empty_environment_and_run() -> None:
    command = [ROOT / "tools/client_package.sh", Path(sys.prefix) / "bin/uv", sys.executable]
    ran = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "pixmill 1.0.0\n" * 3), ran.stderr
