"""A full table becomes the first period while the version before goes on with its work: nothing is lost, no
statement of it fails, and no row is written again.
"""

import asyncio
import itertools
import shutil
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import psycopg
import pytest

from services.status.postgres import migrate as migrating
from services.status.postgres.migrate import MIGRATIONS, migrate
from services.status.postgres.pool import transaction
from services.status.postgres.statements import SQL
from services.status.records.limits import IMAGE_BYTES, PAGE_BYTES
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.postgres.databases import empty_database
from tests.worlds.postgres.patient import patient_pool
from tests.worlds.services.engine_events import done
from tests.worlds.services.engine_world import open_engine
from tests.worlds.services.status_world import new_id

FIRST_OF_PERIODS = "0016"
MISSING = sum(path.name >= FIRST_OF_PERIODS for path in MIGRATIONS.glob("*.sql"))
OLD_REQUESTS, IMAGES_EACH = 20, 5_000
BATCH = 50

_REQUEST = """
INSERT INTO requests (id, tenant, state, priority, filename, columns, quality, format, source_key,
                      source_bytes, source_sha256, rows_key, created_at, planned_at, products, images,
                      planned_products, planned_images, deadline_at)
VALUES ($1, 'local', 'processing', 'normal', 'p.csv', '["S. No."]', 50, 'keep', '', 1, '', '', now(), now(),
        $2, $2, $2, $2, now() + interval '1 day')
"""
_PRODUCTS = """
INSERT INTO products (request_id, number, id, row_number, serial_number, name, cells, first_ordinal, images)
SELECT $1, n, md5('p' || n)::uuid, n + 2, n, 'SKU' || n, '["1"]', n, 1
FROM generate_series($2::integer, $3::integer - 1) AS n
"""
_IMAGES = """
INSERT INTO images (request_id, ordinal, id, product_number, product_id, input_url)
SELECT $1, n, md5('i' || n)::uuid, n, md5('p' || n)::uuid, 'https://a/' || n
FROM generate_series($2::integer, $3::integer - 1) AS n
"""
# What the version before does with images, in its own words.
_CLAIM = """
UPDATE images SET state = 'requested', take_by = now() + interval '2 minutes', attempt = attempt + 1
WHERE request_id = $1 AND ordinal >= $2 AND ordinal < $3 AND state = 'planned'
RETURNING ordinal
"""
_SETTLE = """
UPDATE images i
SET state = 'done', take_by = NULL, ended_at = now(), original_key = 'o', output_key = 'k', output_url = 'u',
    bytes_in = 1, bytes_out = 1, width = 1, height = 1, format = 'jpeg', sha256 = 'x'
FROM unnest($1::uuid[], $2::integer[]) AS c (request_id, ordinal)
WHERE i.request_id = c.request_id AND i.ordinal = c.ordinal
"""
_DATA_FILE = "SELECT relfilenode FROM pg_class WHERE relname = $1"

Work = Callable[[int], Coroutine[Any, Any, None]]


@pytest.fixture
def before_periods(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    dsn = empty_database(postgres)
    for path in MIGRATIONS.glob("*.sql"):
        if path.name < FIRST_OF_PERIODS:
            shutil.copy(path, tmp_path)
    with monkeypatch.context() as former:
        former.setattr(migrating, "MIGRATIONS", tmp_path)
        migrate(dsn)
    return dsn


class VersionBefore:
    """What it does with its tables: each piece of work on a request of its own, again and again."""

    def __init__(self, pool: asyncpg.Pool, requests: list[UUID]) -> None:
        self.pool = pool
        self.planned, self.worked_on, self.read = requests
        self.works: Sequence[Work] = (self.plan, self.dispatch_and_settle, self.page)
        self.rounds: dict[Work, int] = dict.fromkeys(self.works, 0)

    async def go_on(self, stopping: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as tasks:
            for work in self.works:
                tasks.create_task(self._repeat(work, stopping))

    async def until_all_have_gone_on(self) -> None:
        before = dict(self.rounds)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not all(self.rounds[work] > before[work] + 1 for work in self.works):
                await asyncio.sleep(0.01)

    async def plan(self, number: int) -> None:
        begin = number * BATCH
        async with transaction(self.pool) as connection:
            await connection.fetch(SQL["lock_planning"], self.planned)
            await connection.execute(_PRODUCTS, self.planned, begin, begin + BATCH)
            await connection.execute(_IMAGES, self.planned, begin, begin + BATCH)

    async def dispatch_and_settle(self, number: int) -> None:
        begin = number * BATCH % IMAGES_EACH
        async with transaction(self.pool) as connection:
            await connection.fetch(SQL["lock_requests"], [self.worked_on])
            claimed = await connection.fetch(_CLAIM, self.worked_on, begin, begin + BATCH)
            ordinals = [row["ordinal"] for row in claimed]
            await connection.execute(_SETTLE, [self.worked_on] * len(ordinals), ordinals)

    async def page(self, number: int) -> None:
        begin = number * BATCH % IMAGES_EACH
        async with transaction(self.pool) as connection:
            bounds = (begin, begin + BATCH, PAGE_BYTES, IMAGE_BYTES)
            rows = await connection.fetch(SQL["image_page"], self.read, *bounds)
        assert len(rows) == BATCH

    async def _repeat(self, work: Work, stopping: asyncio.Event) -> None:
        for number in itertools.count():
            if stopping.is_set():
                return
            await work(number)
            self.rounds[work] += 1


async def fill(pool: asyncpg.Pool) -> list[UUID]:
    now = datetime.now(UTC)
    requests = [new_id(now - timedelta(days=number)) for number in range(OLD_REQUESTS)]
    for request_id in requests:
        await pool.execute(_REQUEST, request_id, IMAGES_EACH)
        await pool.execute(_PRODUCTS, request_id, 0, IMAGES_EACH)
        await pool.execute(_IMAGES, request_id, 0, IMAGES_EACH)
    return requests


async def test_a_full_table_is_taken_over_while_the_version_before_goes_on(before_periods: str) -> None:
    """R13, R22"""
    async with patient_pool(before_periods) as pool:
        requests = await fill(pool)
        data_file = await pool.fetchval(_DATA_FILE, "images")
        planned = new_id(datetime.now(UTC))
        await pool.execute(_REQUEST, planned, 0)
        version_before = VersionBefore(pool, [planned, *requests[:2]])
        stopping = asyncio.Event()
        working = asyncio.create_task(version_before.go_on(stopping))
        try:
            await version_before.until_all_have_gone_on()
            assert await asyncio.to_thread(migrate, before_periods) == MISSING
            await version_before.until_all_have_gone_on()
        finally:
            stopping.set()
            await working
        assert await pool.fetchval(_DATA_FILE, "images_before") == data_file
        rows = OLD_REQUESTS * IMAGES_EACH + version_before.rounds[version_before.plan] * BATCH
        for table in ("images", "images_before", "products", "products_before"):
            assert await pool.fetchval(f"SELECT count(*) FROM {table}") == rows
        done_images = await pool.fetchval("SELECT count(*) FROM images_now WHERE state = 'done'")
        rounds = version_before.rounds[version_before.dispatch_and_settle]
        assert done_images == min(rounds * BATCH, IMAGES_EACH)


async def test_what_came_before_and_what_comes_after_end_side_by_side(before_periods: str) -> None:
    """R22: the rest of the week belongs to what was there before."""
    async with patient_pool(before_periods) as pool:
        await fill(pool)
    await asyncio.to_thread(migrate, before_periods)
    async with open_engine(before_periods) as world:
        next_week = new_id(datetime.now(UTC) + timedelta(days=2))
        async with world.running(done):
            for request_id in (new_id(datetime.now(UTC)), next_week):
                await world.accept([["https://a/1.jpg"]], request_id=request_id)
                assert (await world.until_ended(request_id))["done"] == 1
        query = "SELECT tableoid::regclass::text FROM images WHERE request_id = $1"
        assert await world.pool.fetchval(query, next_week) not in {"images_before", "images_other"}


def test_an_id_of_no_time_is_named_and_nothing_is_changed(before_periods: str) -> None:
    odd = UUID("ffffffff-ffff-4fff-bfff-ffffffffffff")
    with psycopg.connect(before_periods) as connection:
        statement = _REQUEST.replace("$1", "%s").replace("$2", "%s")
        connection.execute(statement.encode(), (odd, 0, 0, 0, 0))
    with pytest.raises(psycopg.errors.RaiseException, match=str(odd)):
        migrate(before_periods)
    with psycopg.connect(before_periods) as connection:
        connection.execute("DELETE FROM requests")
    assert migrate(before_periods) == MISSING
    with psycopg.connect(before_periods) as connection:
        assert connection.execute("SELECT count(*) FROM images_before").fetchone() == (0,)
