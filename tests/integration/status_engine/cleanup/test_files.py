"""What lies in the store and belongs to nobody: found, counted, removed in its time; what is left alone."""

import asyncio
import itertools
import os
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.status.cleanup import unnamed_files
from services.status.cleanup.store_marks import Standing, StoreMarks
from services.status.cleanup.unnamed_files import UnnamedFiles
from services.status.postgres.pool import connected
from services.status.requests import changes
from shared.contract.keys import MARK_KEY, original_key, output_csv_key, output_key, request_prefix
from shared.observing.metrics import ORPHANS, STUCK_REQUESTS, SWEEP_HELD
from shared.outcomes import Away
from shared.store import open_store
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import EngineWorld, empty, open_engine
from tests.worlds.services.status_world import new_id

HASH = "0" * 32
LONG_AGO = datetime.now(UTC) - timedelta(days=9)


async def ended(world: EngineWorld, images: int = 3) -> UUID:
    """A request that ended two days ago, its last image failed; its files lie in the store."""
    request_id = await world.accept([[f"https://a/{number}.jpg"] for number in range(images)])
    await world.plan()
    for asked in await world.dispatch():
        keys = {
            "original_key": original_key(request_id, asked.ordinal, HASH, "jpg"),
            "output_key": output_key(request_id, asked.ordinal, HASH, "jpg"),
        }
        is_last = asked.ordinal == images - 1
        await world.handle(failed(asked) if is_last else done(asked, **keys))
        world.store.objects.update(dict.fromkeys([] if is_last else keys.values(), b"x"))
    await world.end()
    await two_days_pass(world, request_id)
    await world.step("unknown files")
    return request_id


async def two_days_pass(world: EngineWorld, request_id: UUID) -> None:
    await world.pool.execute(
        "UPDATE requests SET completed_at = completed_at - interval '2 days' WHERE id = $1", request_id
    )


async def sweep(world: EngineWorld) -> None:
    while await world.step("request files"):
        pass


async def test_a_day_after_the_end_what_no_row_names_is_gone_and_all_else_is_there(
    world: EngineWorld,
) -> None:
    """R22"""
    request_id = await ended(world)
    before = set(world.store.objects)
    foreign = {request_prefix(request_id) + name for name in ("notes.txt", "output/readme", "backup/1.jpg")}
    orphans = {output_key(request_id, number, "f" * 32, "webp") for number in (0, 2, 999)}
    world.store.objects.update(dict.fromkeys(foreign | orphans, b"x"))
    await sweep(world)
    assert set(world.store.objects) == before | foreign
    row = await world.row(request_id)
    assert (row["swept_at"] is not None, row["sweeping_until"]) == (True, None)


async def test_the_output_csv_of_a_former_run_goes_and_the_latest_stays(world: EngineWorld) -> None:
    request_id = await ended(world)
    former = output_csv_key(request_id, 1)
    await sweep(world)
    assert former in world.store.objects
    await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
    (asked,) = await world.dispatch()
    await world.handle(failed(asked))
    await world.end()
    await two_days_pass(world, request_id)
    await sweep(world)
    assert former not in world.store.objects
    assert output_csv_key(request_id, 2) in world.store.objects


async def test_nothing_is_swept_within_a_day_nor_while_a_run_is_open(world: EngineWorld) -> None:
    request_id = await ended(world)
    orphan = output_key(request_id, 0, "f" * 32, "jpg")
    world.store.objects[orphan] = b"x"
    await world.pool.execute("UPDATE requests SET completed_at = now() - interval '23 h'")
    await sweep(world)
    assert orphan in world.store.objects
    await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
    await sweep(world)
    assert orphan in world.store.objects
    (asked,) = await world.dispatch()
    await world.handle(failed(asked))
    await world.end()
    await two_days_pass(world, request_id)
    await sweep(world)
    assert orphan not in world.store.objects


async def test_a_run_that_begins_in_the_middle_waits_until_the_files_are_removed(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it could write the very file that is about to be removed."""
    request_id = await ended(world)
    world.store.objects[output_key(request_id, 2, "f" * 32, "jpg")] = b"x"
    delete, dispatched = world.store.delete, []

    async def with_a_new_run(keys: list[str]) -> None:
        await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
        dispatched.append(len(await world.dispatch()))
        await delete(keys)

    monkeypatch.setattr(world.store, "delete", with_a_new_run)
    await sweep(world)
    assert dispatched == [0]
    assert len(await world.dispatch()) == 1
    assert (await world.row(request_id))["swept_at"] is None


async def test_a_run_that_begins_while_the_files_are_listed_keeps_those_that_its_results_will_name(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = await ended(world)
    fresh = output_key(request_id, 2, "f" * 32, "jpg")
    world.store.objects[fresh] = b"x"
    listed = world.store.list

    async def with_a_new_run(prefix: str) -> AsyncIterator[Sequence[str]]:
        async for keys in listed(prefix):
            await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
            yield keys

    monkeypatch.setattr(world.store, "list", with_a_new_run)
    await sweep(world)
    assert fresh in world.store.objects
    assert len(await world.dispatch()) == 1


async def test_a_sweep_that_was_frozen_after_its_claim_removes_nothing(world: EngineWorld) -> None:
    """A run may have begun meanwhile, and what nobody named then may be its file now."""
    request_id = await ended(world)
    orphan = output_key(request_id, 0, "f" * 32, "webp")
    world.store.objects[orphan] = b"x"
    frozen = UnnamedFiles(world.store, itertools.count(0, unnamed_files.DELETE_SECONDS + 1).__next__)
    async with connected(world.pool) as connection:
        await frozen.sweep(connection, request_id, asyncio.Event())
    assert orphan in world.store.objects
    assert (await world.row(request_id))["swept_at"] is None
    await sweep(world)
    assert orphan not in world.store.objects


async def test_a_store_that_is_away_delays_the_sweep(world: EngineWorld) -> None:
    request_id = await ended(world)
    orphan = output_key(request_id, 0, "f" * 32, "jpg")
    world.store.objects[orphan] = b"x"
    world.store.away = True
    with pytest.raises(Away):
        await sweep(world)
    world.store.away = False
    await sweep(world)
    assert orphan not in world.store.objects


def folder_of(world: EngineWorld, request_id: UUID) -> str:
    key = f"{request_prefix(request_id)}source.csv"
    world.store.objects[key] = b"x"
    return key


async def test_folders_that_postgres_never_heard_of_go_after_eight_days_and_only_ours(
    world: EngineWorld,
) -> None:
    """R22"""
    await world.step("unknown files")
    known = new_id(LONG_AGO)
    await world.accept([["https://a/1.jpg"]], request_id=known)
    old = folder_of(world, new_id(LONG_AGO))
    left = {
        folder_of(world, known),
        folder_of(world, new_id(datetime.now(UTC) - timedelta(days=7))),
        folder_of(world, uuid.uuid4()),  # has no time
        folder_of(world, uuid.UUID("ffffffff-ffff-7fff-8fff-ffffffffffff")),  # of no year that a clock shows
        *("requests/readme.txt", "requests/backup/1.jpg", "elsewhere/0193.csv", "requests/not-an-id/x"),
    }
    world.store.objects.update(dict.fromkeys(left, b"x"))
    await world.step("unknown files")
    assert old not in world.store.objects
    assert left <= set(world.store.objects)
    assert ORPHANS.labels("folder_without_request")._value.get() == 1


async def test_no_folder_goes_while_uploads_wait_to_be_recorded(database: str) -> None:
    async with open_engine(database, intake_lag=1) as world:
        await empty(world.pool)
        await world.step("unknown files")
        old = folder_of(world, new_id(LONG_AGO))
        await world.step("unknown files")
        assert old in world.store.objects


async def test_where_sweeping_is_off_it_only_counts(database: str) -> None:
    async with open_engine(database, sweep_files=False) as world:
        await empty(world.pool)
        await world.step("unknown files")
        old = folder_of(world, new_id(LONG_AGO))
        await world.step("unknown files")
        assert old in world.store.objects
        assert ORPHANS.labels("folder_without_request")._value.get() == 1
        assert "request files" not in {job.name for job in world.engine.jobs}


async def restored(world: EngineWorld) -> None:
    """The database is what it was before its latest mark, as from a backup."""
    await world.step("unknown files")
    await world.pool.execute("DELETE FROM store_marks WHERE number = (SELECT max(number) FROM store_marks)")


async def adopt_store(world: EngineWorld) -> None:
    async with connected(world.pool) as connection:
        await StoreMarks(world.store).renew(connection)


async def test_a_database_restored_from_a_backup_removes_nothing_until_an_operator_says_so(
    world: EngineWorld,
) -> None:
    request_id = await ended(world)
    unnamed = output_key(request_id, 0, "f" * 32, "jpg")
    await restored(world)
    unknown = folder_of(world, new_id(LONG_AGO))
    world.store.objects[unnamed] = b"x"
    for _ in range(3):
        await world.step("unknown files")
        await sweep(world)
    assert {unknown, unnamed} <= set(world.store.objects)
    assert (SWEEP_HELD._value.get(), ORPHANS.labels("folder_without_request")._value.get()) == (1, 1)
    await adopt_store(world)
    await world.step("unknown files")
    await sweep(world)
    assert not {unknown, unnamed} & set(world.store.objects)
    assert SWEEP_HELD._value.get() == 0


@pytest.mark.parametrize("lost", ["the store's mark", "the database's marks"])
async def test_where_one_has_no_mark_of_the_other_nothing_is_removed(world: EngineWorld, lost: str) -> None:
    await world.step("unknown files")
    if lost == "the store's mark":
        del world.store.objects[MARK_KEY]
    else:
        await world.pool.execute("DELETE FROM store_marks")
    unknown = folder_of(world, new_id(LONG_AGO))
    await world.step("unknown files")
    assert unknown in world.store.objects
    assert SWEEP_HELD._value.get() == 1


async def test_a_mark_that_cannot_be_read_is_nobodys(world: EngineWorld) -> None:
    await world.step("unknown files")
    world.store.objects[MARK_KEY] = b"no mark"
    unknown = folder_of(world, new_id(LONG_AGO))
    await world.step("unknown files")
    assert unknown in world.store.objects
    assert SWEEP_HELD._value.get() == 1


async def test_beside_a_database_that_it_never_met_nothing_unknown_is_removed(world: EngineWorld) -> None:
    unknown = folder_of(world, new_id(LONG_AGO))
    await world.step("unknown files")
    assert unknown in world.store.objects
    assert SWEEP_HELD._value.get() == 1


async def test_an_operator_says_by_a_command_that_the_two_belong_together(
    world: EngineWorld, database: str, tmp_path: Path
) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": "8002",
        "AUTH": "off",
        "KAFKA_BOOTSTRAP": "unused",
        "PUBLIC_URL": "http://status.example",
        "POSTGRES_DSN": database,
        "STORE_URL": f"file://{tmp_path}",
    }
    command = [sys.executable, "-m", "services.status", "adopt-store"]
    running = await asyncio.create_subprocess_exec(*command, env=environment)
    assert await running.wait() == 0
    async with connected(world.pool) as connection:
        assert await StoreMarks(open_store(f"file://{tmp_path}")).standing(connection) is Standing.SAME


async def test_folders_go_also_where_no_known_one_is_as_old_as_they(world: EngineWorld) -> None:
    """With a short RETENTION_DAYS all old folders are those of lost uploads."""
    await world.step("unknown files")
    unknown = {folder_of(world, new_id(LONG_AGO)) for _ in range(30)}
    await world.step("unknown files")
    assert not unknown & set(world.store.objects)


async def test_all_marks_of_a_few_days_are_known(world: EngineWorld) -> None:
    """However late another process puts its own into the store."""
    for _ in range(3):
        await world.step("unknown files")
        kept = world.store.objects[MARK_KEY]
        await world.step("unknown files")
        world.store.objects[MARK_KEY] = kept
    await world.step("unknown files")
    assert SWEEP_HELD._value.get() == 0


async def test_idempotency_entries_go_after_eight_days(world: EngineWorld) -> None:
    """R22"""
    world.store.objects |= {"idempotency/a/old.json": b"{}", "idempotency/a/new.json": b"{}"}
    world.store.written["idempotency/a/old.json"] = LONG_AGO
    await world.step("unknown files")
    assert "idempotency/a/old.json" not in world.store.objects
    assert "idempotency/a/new.json" in world.store.objects


async def test_requests_that_do_not_go_on_are_counted_by_what_they_wait_for(world: EngineWorld) -> None:
    """R21"""
    await ended(world)
    unplanned = await world.accept([["https://a/1.jpg"]])
    idle = await world.accept([["https://a/1.jpg"]])
    await world.pool.execute(
        "UPDATE requests SET recorded_at = now() - interval '2 h' WHERE id = $1", unplanned
    )
    await world.pool.execute(
        "UPDATE requests SET planned_at = now() - interval '2 h', run_started_at = now() - interval '2 h',"
        " planned_images = 1, next_ordinal = 1 WHERE id = $1",
        idle,
    )
    await world.pool.execute(
        "UPDATE completions SET published_at = NULL, completed_at = now() - interval '2 h'"
    )
    await world.step("stuck")
    counted = {
        why: STUCK_REQUESTS.labels(why)._value.get() for why in ("unplanned", "idle", "ending", "unannounced")
    }
    assert counted == {"unplanned": 1, "idle": 1, "ending": 0, "unannounced": 1}
