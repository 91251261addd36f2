"""What the engine holds of a request is bounded in bytes: its rows may be few and weigh megabytes each."""

from uuid import UUID, uuid4

from shared.contract.keys import rows_key
from tests.worlds.engine_world import EngineWorld, accepted, open_engine
from tests.worlds.status_world import new_database
from tests.worlds.traced_memory import traced_memory
from tests.worlds.wide_rows import Sink, WideRows

ROWS = WideRows(images=20)  # 24 MB of cells, kept by Postgres in half a megabyte
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


async def _accepted(engine: EngineWorld) -> UUID:
    event = accepted(uuid4(), products=ROWS.products, images=ROWS.all_images)
    await engine.handle(event)
    return event.request_id
