"""Of rows that weigh more than a page one at a time is in memory; ordinary ones pass."""

import asyncio
import json
from collections.abc import AsyncIterator

from hypothesis import given
from hypothesis import strategies as st

from services.status.records.large_rows import LargeRows
from services.status.records.limits import PAGE_BYTES
from services.status.records.rows import Planned, chunks_of_products, lines
from tests.worlds.patience import DEADLINE_SECONDS


async def pieces(*rows: bytes) -> AsyncIterator[bytes]:
    """As the store gives them."""
    data = b"".join(rows)
    for start in range(0, len(data), PAGE_BYTES // 4):
        yield data[start : start + PAGE_BYTES // 4]
        await asyncio.sleep(0)


def row_of(size: int) -> bytes:
    row = {"row": 2, "serial_number": "1", "name": "a", "cells": ["x" * size], "images": []}
    return json.dumps(row).encode() + b"\n"


ORDINARY, LARGE = row_of(10), row_of(2 * PAGE_BYTES)


async def test_a_large_row_is_read_on_when_nobody_works_on_another() -> None:
    """R29: a page of it is the most that somebody holds who waits."""
    large_rows, held, order = LargeRows(), asyncio.Event(), list[str]()

    async def read(name: str) -> None:
        async with large_rows.turn() as turn:
            async for products in chunks_of_products(lines(pieces(LARGE, LARGE), turn), Planned(0, 0)):
                assert len(products) == 1
                order.append(f"{name} begins")
                await held.wait()
                order.append(f"{name} ends")

    both = asyncio.gather(read("one"), read("other"))
    for _ in range(50):
        await asyncio.sleep(0)
    assert order == ["one begins"]
    held.set()
    await both
    ends = ["one begins", "one ends", "other begins", "other ends"]
    assert order == ends * 2  # whoever asks again waits behind the other


async def test_ordinary_rows_pass_a_large_one() -> None:
    large_rows = LargeRows()
    async with large_rows.turn() as taken, large_rows.turn() as turn:
        await taken.take()
        read = [line async for line in lines(pieces(*[ORDINARY] * 5_000), turn)]
        assert len(read) == 5_000


async def test_who_breaks_off_in_the_middle_of_a_large_row_leaves_its_turn() -> None:
    large_rows = LargeRows()

    async def broken() -> None:
        async with large_rows.turn() as turn:
            async for _ in lines(pieces(LARGE), turn):
                raise ValueError("broken")

    for _ in range(2):
        async with asyncio.timeout(DEADLINE_SECONDS):
            (error,) = await asyncio.gather(broken(), return_exceptions=True)
        assert str(error) == "broken"


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=20))
async def test_whoever_waits_gets_a_turn_and_nobody_has_it_beside_another(
    steps: list[tuple[int, bool]],
) -> None:
    """R22: those included who give up while they wait."""
    large_rows, holders = LargeRows(), 0

    async def work(rows: int) -> None:
        nonlocal holders
        async with large_rows.turn() as turn:
            for _ in range(rows):
                await turn.weigh(PAGE_BYTES + 1)
                holders += 1
                assert holders == 1
                try:
                    await asyncio.sleep(0)
                finally:
                    holders -= 1
                turn.give_back()

    tasks = [asyncio.create_task(work(rows)) for rows, _ in steps]
    await asyncio.sleep(0)
    for task, (_, gives_up) in zip(tasks, steps, strict=True):
        if gives_up:
            task.cancel()
    async with asyncio.timeout(DEADLINE_SECONDS):
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            assert ended is None or isinstance(ended, asyncio.CancelledError)
    async with large_rows.turn() as turn, asyncio.timeout(DEADLINE_SECONDS):
        await turn.take()
