"""How much of a process's work somebody waits for who asks it something small meanwhile. Counted in its CPU,
so that a machine that pauses, or is busy with other things, has no say.
"""

import asyncio
from collections.abc import Awaitable, Callable

from bench.cpu import tree_seconds


async def longest_share(pid: int, work: asyncio.Task[object], ask: Callable[[], Awaitable[object]]) -> float:
    """Of the CPU that the process takes for this work, what passed during the slowest of all answers."""
    began, longest = tree_seconds(pid), 0.0
    while not work.done():
        before = tree_seconds(pid)
        await ask()
        longest = max(longest, tree_seconds(pid) - before)
    return longest / (tree_seconds(pid) - began)
