"""A program that runs beside a test, and no longer than it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from os import PathLike
from typing import Any


@asynccontextmanager
async def running(*command: str | PathLike[str], **options: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    """While the block runs; with the options of `create_subprocess_exec`."""
    process = await asyncio.create_subprocess_exec(*command, **options)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
