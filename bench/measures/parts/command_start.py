"""What the command `pixmill` takes from its start to its first line: CPU, not time on the wall."""

import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.figures import Figure, WrongResult, mean_figure
from bench.instruments.cpu import children_ms, parsed
from bench.world.shop import Shop
from bench.world.stacks import Stacks

ROUNDS = 15
NOBODY = "http://127.0.0.1:9"
WANTED_MS = 150


def command_start(_: Stacks, shop: Shop) -> Sequence[Figure]:
    """Beside it an empty Python, which nobody can be faster than."""
    file = Path(".local") / "command_start.csv"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(shop.csv(1, "start"))
    try:
        upload = [_first_line_ms("upload", str(file), "--url", NOBODY) for _ in range(ROUNDS)]
        version = [_cpu_ms([_pixmill(), "--version"]) for _ in range(ROUNDS)]
        empty = [_cpu_ms([sys.executable, "-c", "pass"]) for _ in range(ROUNDS)]
    finally:
        file.unlink()
    return [
        mean_figure("command_first_line_cpu_ms", upload, "ms", wanted=WANTED_MS, least=min(upload)),
        mean_figure("command_version_cpu_ms", version, "ms", least=min(version)),
        mean_figure("empty_python_cpu_ms", empty, "ms", least=min(empty)),
    ]


def _pixmill() -> str:
    return str(Path(sys.prefix) / "bin" / "pixmill")


def _first_line_ms(*arguments: str) -> float:
    """Of the process when its first line comes: it is killed then."""
    with subprocess.Popen(
        [_pixmill(), *arguments], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        used = parsed(Path(f"/proc/{process.pid}/stat").read_text())
        process.kill()
    if b"sending" not in line:
        raise WrongResult(f"the first line is {line!r}")
    return used.own * 1000


def _cpu_ms(command: Sequence[str]) -> float:
    return children_ms(partial(subprocess.run, command, check=True, stdout=subprocess.DEVNULL))
