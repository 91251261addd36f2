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
from deploy.local.processes.child import how_it_ended, tied_to_us
from deploy.local.processes.log_end import LogEnd
from deploy.local.terminal import COMPLAINT

READY_SECONDS = 3_600.0  # the stack itself gives up what stands still
STOP_SECONDS = 300.0  # the stack itself kills what does not end
LOOPBACK = "127.0.0.0/8"
_OF_ANOTHER_STACK = ("KAFKA_", "POSTGRES_DSN", "STORE_URL", "PUBLIC_URL")


class StackFailed(Exception):  # noqa: N818 - an outcome, told to a person
    """The stack ended before it was ready or before its owner had done with it, or could not be stopped."""


@dataclass(frozen=True, slots=True)
class OwnStack:
    """A running stack; its endpoints are read anew each time, because a restarted child has another pid."""

    data_dir: Path
    process: subprocess.Popen[bytes]
    output: LogEnd

    @property
    def endpoints(self) -> Mapping[str, Any]:
        content: Mapping[str, Any] = json.loads(_endpoints_file(self.data_dir).read_text())
        return content

    def pids(self) -> list[int]:
        """The first process of each part that runs now."""
        try:
            return [pid for pids in self.endpoints["pids"].values() for pid in pids]
        except FileNotFoundError:  # it is stopping
            return []

    def cause_of_end(self) -> str | None:
        """Why it ended by itself; None as long as it runs."""
        if (status := self.process.poll()) is None:
            return None
        return f"the stack ended with {how_it_ended(status)}: {_last_complaint(self.output)}"


@contextmanager
def own_stack(data_dir: Path, **variables: str) -> Iterator[OwnStack]:
    """Yields once every service is ready. When the block ends, or this process, all of the stack ends too.

    Enter it in the main thread: the stack ends with the thread that started it.
    """
    _endpoints_file(data_dir).unlink(missing_ok=True)
    with leased_block() as port_base:
        stack = _started(data_dir, port_base, variables)
        try:
            _wait_until_ready(stack)
            yield stack
        finally:
            _stop(stack.process)


def _started(data_dir: Path, port_base: int, variables: Mapping[str, str]) -> OwnStack:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OF_ANOTHER_STACK)}
    chosen = {"DATA_DIR": str(data_dir), "PORT_BASE": str(port_base), "ALLOW_HOSTS": LOOPBACK}
    output = data_dir / "logs" / "stack.log"
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("wb") as log:
        end = LogEnd(output)
        process = subprocess.Popen(
            [*tied_to_us(signal.SIGTERM), sys.executable, "-m", "deploy.local"],
            cwd=Path(__file__).parents[2],
            env={**inherited, **chosen, **variables},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C reaches it once, from us
        )
    return OwnStack(data_dir, process, end)


def _endpoints_file(data_dir: Path) -> Path:
    return data_dir / "endpoints.json"


def _wait_until_ready(stack: OwnStack) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _endpoints_file(stack.data_dir).exists():
        if cause := stack.cause_of_end():
            raise StackFailed(cause)
        if time.monotonic() > deadline:
            raise StackFailed(f"the stack is not ready after {READY_SECONDS:.0f} s{stack.output.told()}")
        time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise StackFailed(f"the stack has not stopped {STOP_SECONDS:.0f} s after it was asked to") from error


def _last_complaint(output: LogEnd) -> str:
    """What the stack said to its person last, with the lines of a log that follow it."""
    lines = output.lines()
    begins = [number for number, line in enumerate(lines) if line.startswith(COMPLAINT)]
    return "\n".join(lines[begins[-1] :]).removeprefix(COMPLAINT) if begins else output.last_words()
