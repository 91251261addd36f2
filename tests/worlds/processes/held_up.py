"""How much of a process's work somebody waits for who asks it something small meanwhile. Counted in its CPU,
and only while a question lies before it: a machine that pauses, or is busy with other things, has no say.
"""

import asyncio
import re
from pathlib import Path
from urllib.parse import urlsplit

from bench.instruments.cpu import parsed
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.processes.freezing import freeze, thaw

QUESTION = b"GET /metrics HTTP/1.1\r\nHost: inside\r\nConnection: close\r\n\r\n"
CPU_TOLD = re.compile(rb"^process_cpu_seconds_total (\S+)$", re.MULTILINE)


async def longest_share(pid: int, url: str, work: asyncio.Task[object]) -> float:
    """Of the CPU that the process takes for this work, what passed before the slowest of all answers."""
    began, longest = _cpu_seconds(pid), 0.0
    while not work.done():
        longest = max(longest, await _seconds_of_an_answer(pid, url))
    return longest / (_cpu_seconds(pid) - began)


async def _seconds_of_an_answer(pid: int, url: str) -> float:
    """It gets the question while it stands still, and says itself what it has worked until it answers: how
    soon we had a turn, to ask or to read, is in neither.
    """
    async with asyncio.timeout(DEADLINE_SECONDS):
        reader, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
        freeze(pid)
        try:
            before = _cpu_seconds(pid)
            writer.write(QUESTION)  # at once, as nothing waits before it
        finally:
            thaw(pid)
        told = CPU_TOLD.search(await reader.read())
        writer.close()
    assert told is not None
    return float(told[1]) - before


def _cpu_seconds(pid: int) -> float:
    return parsed(Path(f"/proc/{pid}/stat").read_text()).own
