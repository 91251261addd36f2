"""A stack of one's own, on free ports, for as long as a block runs: for the demo, the tests and the bench."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.processes.child import tied_to_us

READY_SECONDS = 200.0
STOP_SECONDS = 60.0
FIRST_BASE, LAST_BASE, STEP = 20_000, 32_000, 100  # below the ports that outgoing connections take
OFFSETS = (*range(1, 20), 92, 93, 94)
LOOPBACK = "127.0.0.0/8"
_OF_ANOTHER_STACK = ("KAFKA_", "POSTGRES_DSN", "STORE_URL")


class StackFailed(Exception):  # noqa: N818 - an outcome, told to a person
    """The stack ended before it was ready."""


@dataclass(frozen=True, slots=True)
class OwnStack:
    """A running stack; its endpoints are read anew each time, because a restarted child has another pid."""

    data_dir: Path

    @property
    def endpoints(self) -> Mapping[str, Any]:
        content: Mapping[str, Any] = json.loads(_endpoints_file(self.data_dir).read_text())
        return content


@contextmanager
def own_stack(data_dir: Path, **variables: str) -> Iterator[OwnStack]:
    """Yields once every service is ready; all of it is gone when the block has ended, or this process.
    Enter it in the main thread: the stack ends with the thread that started it.
    """
    _endpoints_file(data_dir).unlink(missing_ok=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OF_ANOTHER_STACK)}
    chosen = {"DATA_DIR": str(data_dir), "PORT_BASE": str(free_port_base()), "ALLOW_HOSTS": LOOPBACK}
    process = subprocess.Popen(
        [*tied_to_us(signal.SIGTERM), sys.executable, "-m", "deploy.local"],
        cwd=Path(__file__).parents[2],
        env={**inherited, **chosen, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches it once, from us
    )
    try:
        _wait_until_ready(process, _endpoints_file(data_dir))
        yield OwnStack(data_dir)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


def _endpoints_file(data_dir: Path) -> Path:
    return data_dir / "endpoints.json"


def _wait_until_ready(process: subprocess.Popen[bytes], endpoints: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not endpoints.exists():
        if process.poll() is not None:
            raise StackFailed(f"the stack ended with exit code {process.returncode}")
        if time.monotonic() > deadline:
            raise StackFailed(f"the stack was not ready within {READY_SECONDS:.0f} s")
        time.sleep(0.1)


def free_port_base() -> int:
    """A base whose every port is free right now; two who ask at the same time mostly get different ones."""
    bases = range(FIRST_BASE, LAST_BASE, STEP)
    start = os.getpid() % len(bases)
    in_turn: list[int] = [*bases[start:], *bases[:start]]
    for base in in_turn:
        if all(_is_free(base + offset) for offset in OFFSETS):
            return base
    raise StackFailed("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
