"""What the engine holds of a request is bounded in bytes: its rows may be few and weigh megabytes each."""

import asyncio
from uuid import UUID, uuid4

from shared.contract.keys import rows_key
from tests.worlds.postgres.databases import new_database
from tests.worlds.postgres.wide_rows import Sink, WideRows
from tests.worlds.processes.traced_memory import traced_memory
from tests.worlds.services.engine_events import accepted
from tests.worlds.services.engine_world import EngineWorld, open_engine

ROWS = WideRows(images=20)  # 24 MB of cells, kept by Postgres in half a megabyte
LARGE_ROWS = WideRows(products=3, images=2, cell_characters=8_000_000)
MOST_BYTES = 16 * 1024 * 1024  # a row of a megabyte and its images, some times over


async def test_a_run_ends_in_pages_of_bounded_bytes(postgres: str) -> None:
    """R29"""
    sink = Sink()
    async with open_engine(new_database(postgres), store=sink) as engine:
        request_id = await _accepted(engine)
        await ROWS.fill(engine.pool, request_id)
        with traced_memory() as traced:
            await engine.step("completer (any)")
        assert (await engine.row(request_id))["completed_at"] is not None
    assert sink.lines == 1 + ROWS.products
    assert traced.most_bytes < MOST_BYTES


async def test_a_run_that_failed_before_it_was_planned_ends_in_pages_of_bounded_bytes(postgres: str) -> None:
    """R29"""
    sink = Sink()
    async with open_engine(new_database(postgres), store=sink) as engine:
        request_id = await _accepted(engine)
        sink.objects[rows_key(request_id)] = ROWS.lines()
        await engine.pool.execute("UPDATE requests SET failure_code = 'expired' WHERE id = $1", request_id)
        with traced_memory() as traced:
            await engine.step("completer (any)")
    assert sink.lines == 1 + ROWS.products
    assert traced.most_bytes < MOST_BYTES


async def test_rows_are_planned_in_chunks_of_bounded_bytes(postgres: str) -> None:
    """R29"""
    sink = Sink()
    async with open_engine(new_database(postgres), store=sink) as engine:
        request_id = await _accepted(engine)
        sink.objects[rows_key(request_id)] = ROWS.lines()
        with traced_memory() as traced:
            await engine.step("planner (any)")
        row = await engine.row(request_id)
    assert (row["planned_products"], row["planned_images"]) == (ROWS.products, ROWS.all_images)
    assert traced.most_bytes < MOST_BYTES


async def test_large_rows_that_are_worked_on_at_once_weigh_no_more_than_one(postgres: str) -> None:
    """R29: planned and written at a run's end, each of 8 MB."""
    async with open_engine(new_database(postgres), store=Sink()) as engine:
        alone, together = [await _most_bytes(engine, *counts) for counts in ((1, 0), (2, 2))]
    assert together < alone * 1.5  # 1.24 with turns, 2.04 without


async def _most_bytes(engine: EngineWorld, planned: int, ended: int) -> int:
    """While so many requests are planned, and so many end."""
    for _ in range(planned):
        request_id = await _accepted(engine, LARGE_ROWS)
        engine.store.objects[rows_key(request_id)] = LARGE_ROWS.lines()
    for _ in range(ended):
        await LARGE_ROWS.fill(engine.pool, await _accepted(engine, LARGE_ROWS))
    sizes = ("small", "medium", "any")
    jobs = [f"planner ({size})" for size in sizes[:planned]]
    jobs += [f"completer ({size})" for size in sizes[:ended]]
    with traced_memory() as traced:
        await asyncio.gather(*map(engine.step, jobs))
    return traced.most_bytes


async def _accepted(engine: EngineWorld, rows: WideRows = ROWS) -> UUID:
    event = accepted(uuid4(), products=rows.products, images=rows.all_images)
    await engine.handle(event)
    return event.request_id
