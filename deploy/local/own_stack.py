"""A stack of one's own, on free ports, for as long as a block runs: for the demo, the tests and the bench."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.free_ports import leased_block
from deploy.local.processes.child import tied_to_us

READY_SECONDS = 200.0
STOP_SECONDS = 60.0
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
    """Yields once every service is ready. When the block ends, or this process, all of the stack ends too.

    Enter it in the main thread: the stack ends with the thread that started it.
    """
    _endpoints_file(data_dir).unlink(missing_ok=True)
    with leased_block() as port_base:
        process = _started(data_dir, port_base, variables)
        try:
            _wait_until_ready(process, _endpoints_file(data_dir))
            yield OwnStack(data_dir)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


def _started(data_dir: Path, port_base: int, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OF_ANOTHER_STACK)}
    chosen = {"DATA_DIR": str(data_dir), "PORT_BASE": str(port_base), "ALLOW_HOSTS": LOOPBACK}
    return subprocess.Popen(
        [*tied_to_us(signal.SIGTERM), sys.executable, "-m", "deploy.local"],
        cwd=Path(__file__).parents[2],
        env={**inherited, **chosen, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches it once, from us
    )


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
