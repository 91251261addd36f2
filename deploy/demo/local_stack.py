"""Starts the local stack as a process of its own on free ports, and ends it, whatever happens in between."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

READY_SECONDS = 200.0
STOP_SECONDS = 60.0
OFFSETS = (1, 2, 3, 10, 92, 93, 94)
LOOPBACK = "127.0.0.0/8"


class StackFailed(Exception):  # noqa: N818 - an outcome, told to a person
    """The stack ended before it was ready."""


@asynccontextmanager
async def local_stack(data_dir: Path, **variables: str) -> AsyncIterator[Mapping[str, Any]]:
    """Yields what endpoints.json says, once every service is ready."""
    endpoints = data_dir / "endpoints.json"
    endpoints.unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_STACK}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.local",
        env={
            **environment,
            "DATA_DIR": str(data_dir),
            "PORT_BASE": str(free_port_base()),
            "ALLOW_HOSTS": LOOPBACK,
            **variables,
        },
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches it once, from us
    )
    try:
        yield await _ready(process, endpoints)
    finally:
        await _stop(process)


_OF_ANOTHER_STACK = frozenset({"PORT_BASE", "DATA_DIR", "KAFKA_BOOTSTRAP", "POSTGRES_DSN", "STORE_URL"})


async def _ready(process: asyncio.subprocess.Process, endpoints: Path) -> Mapping[str, Any]:
    async with asyncio.timeout(READY_SECONDS):
        while not endpoints.exists():  # noqa: ASYNC240 - a stat now and then
            if process.returncode is not None:
                raise StackFailed(f"the stack ended with exit code {process.returncode}")
            await asyncio.sleep(0.1)
    content: Mapping[str, Any] = json.loads(endpoints.read_text())  # noqa: ASYNC240 - a line of JSON
    return content


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(STOP_SECONDS):
        await process.wait()


def free_port_base() -> int:
    """A base whose every port of the stack is free right now."""
    for base in range(20_000, 60_000, 100):
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
