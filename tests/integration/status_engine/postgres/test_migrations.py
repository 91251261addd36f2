"""The tables come into this release's shape from nothing and from the release before with its data, also
when several processes begin at once.
"""

import asyncio
import json
import re
import shutil
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from yoyo import get_backend
from yoyo.backends import DatabaseBackend
from yoyo.migrations import Migration

from services.status.commands import EXIT_AWAY, migrate_tables
from services.status.postgres import migrate as migrating
from services.status.postgres.migrate import MIGRATIONS, migrate
from shared.contract.events import ImageFormat, ImageRequested
from tests.worlds.postgres.databases import empty_database as new_empty_database
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import open_engine

FORMER = ("0001_requests.sql", "0002_failed_images.sql")
REQUEST = uuid.UUID("01930000-0000-7000-8000-000000000001")

_OF_FORMER_RELEASE = """
INSERT INTO requests (id, tenant, state, priority, filename, columns, quality, format, source_key,
                      source_bytes, source_sha256, rows_key, created_at, planned_at, products, images,
                      planned_products, planned_images, next_ordinal, in_flight, done, failed, next_due_at,
                      deadline_at)
VALUES ($1, 'local', 'processing', 'normal', 'p.csv', '["S. No."]', 50, 'keep', '', 1, '', '', now(), now(),
        5, 5, 5, 5, 4, 1, 1, 1, now(), now() + interval '1 day');
"""
_PRODUCTS = """
INSERT INTO products (request_id, number, id, row_number, serial_number, name, cells, first_ordinal, images)
SELECT $1::uuid, n, md5('p' || n)::uuid, n + 2, n, 'SKU' || n, '["1"]', n, 1 FROM generate_series(0, 4) AS n
"""
_IMAGES = """
INSERT INTO images (request_id, ordinal, id, product_number, product_id, input_url, state, attempt, code,
                    output_url, due_at, take_by)
SELECT $1::uuid, n, md5('i' || n)::uuid, n, md5('p' || n)::uuid, 'https://a/' || n,
       (ARRAY['done', 'failed', 'requested', 'planned', 'planned'])[n + 1], (ARRAY[1, 1, 1, 1, 0])[n + 1],
       CASE WHEN n = 1 THEN 'http_404' END, CASE WHEN n = 0 THEN 'https://a/out' END,
       CASE WHEN n = 3 THEN now() END, CASE WHEN n = 2 THEN now() + interval '2 min' END
FROM generate_series(0, 4) AS n
"""
_LOCKED = """
SELECT relation::regclass FROM pg_locks
WHERE mode = 'AccessExclusiveLock'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest.fixture
def empty_database(postgres: str) -> str:
    return new_empty_database(postgres)


@pytest.fixture
def former_release(empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in FORMER:
        shutil.copy(MIGRATIONS / name, tmp_path)
    with monkeypatch.context() as former:
        former.setattr(migrating, "MIGRATIONS", tmp_path)
        assert migrate(empty_database) == len(FORMER)
    return empty_database


async def test_a_request_begun_by_the_release_before_is_ended_by_this_one(former_release: str) -> None:
    """R13"""
    connection = await asyncpg.connect(former_release)
    for statement in (_OF_FORMER_RELEASE, _PRODUCTS, _IMAGES):
        await connection.execute(statement, REQUEST)
    before = [dict(row) for row in await connection.fetch("SELECT * FROM images_now ORDER BY ordinal")]
    assert await asyncio.to_thread(migrate, former_release) > 0
    assert await asyncio.to_thread(migrate, former_release) == 0
    after = await connection.fetch("SELECT * FROM images_now ORDER BY ordinal")
    counted = await connection.fetchval("SELECT failure_counts FROM requests")
    await connection.close()
    assert json.loads(counted) == {"http_404": 1}
    assert [{name: row[name] for name in before[0]} for row in after] == before
    async with open_engine(former_release) as world:
        in_flight = ImageRequested(
            request_id=REQUEST,
            image_id=after[2]["id"],
            ordinal=2,
            run=1,
            attempt=1,
            url="https://a/2",
            quality=50,
            format=ImageFormat.KEEP,
            take_by=after[0]["ended_at"] or await world.pool.fetchval("SELECT now()"),
        )
        async with world.running(lambda request: failed(request) if request.ordinal == 3 else done(request)):
            await world.handle(done(in_flight))
            row = await world.until_ended(REQUEST)
    assert (row["state"], row["done"], row["failed"], row["in_flight"]) == ("completed", 3, 2, 0)
    assert sum(row["failure_counts"].values()) == 2


def test_processes_that_begin_at_once_migrate_once(empty_database: str) -> None:
    """R13"""
    with ThreadPoolExecutor(4) as processes:
        steps = list(processes.map(migrate, [empty_database] * 4))
    assert sorted(steps) == [0, 0, 0, len(list(MIGRATIONS.glob("*.sql")))]


class KilledError(Exception):
    """Leaves what is done as a killed process does."""


@pytest.mark.parametrize(
    "written",
    [
        "{user}@{place},{place}/{name}?target_session_attrs=read-write",
        "{user}@{place}/{escaped_name}",
        "/{name}?user={role}&password={password}&host={host}&port={port}",
    ],
    ids=["two hosts", "an escaped name", "all behind the question mark"],
)
def test_an_address_is_read_as_its_server_is_found(empty_database: str, written: str) -> None:
    parts = urlsplit(empty_database)
    name = parts.path.removeprefix("/")
    dsn = written.format(
        user=f"{parts.username}:{parts.password}",
        place=f"{parts.hostname}:{parts.port}",
        name=name,
        escaped_name=f"%{ord(name[0]):X}{name[1:]}",
        role=parts.username,
        password=parts.password,
        host=parts.hostname,
        port=parts.port,
    )
    assert migrate(f"postgresql://{dsn}") > 0


def test_a_migration_that_is_killed_before_it_is_noted_is_done_by_the_next_one(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R08: its tables were there and it was not noted, so it could never be applied again."""
    mark_one, begun = DatabaseBackend.mark_one, list[str]()

    def killed_once(backend: DatabaseBackend, migration: Migration, **options: bool) -> None:
        if migration.id not in begun:
            begun.append(migration.id)
            raise KilledError
        mark_one(backend, migration, **options)

    monkeypatch.setattr(DatabaseBackend, "mark_one", killed_once)
    for each in sorted(MIGRATIONS.glob("*.sql")):
        with pytest.raises(KilledError):
            migrate(empty_database)
        assert begun[-1] == each.stem
    assert migrate(empty_database) == 1
    assert migrate(empty_database) == 0


def test_a_lock_that_a_killed_migration_left_keeps_nobody_away(empty_database: str) -> None:
    backend = get_backend(empty_database.replace("postgresql://", "postgresql+psycopg://"))
    backend._insert_lock_row(1, 1)
    backend.connection.close()
    assert migrate(empty_database) > 0


def test_no_table_is_locked_while_this_machines_name_is_looked_up(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """yoyo notes it of each migration. Where names are found slowly, all would have waited for it."""
    locked = list[object]()

    def looked_up() -> str:
        with psycopg.connect(empty_database) as beside:
            locked.extend(beside.execute(_LOCKED).fetchall())
        return "migrating.example"

    monkeypatch.setattr("socket.getfqdn", looked_up)
    assert migrate(empty_database) > 0
    assert locked == []
    with psycopg.connect(empty_database) as reader:
        noted = reader.execute("SELECT DISTINCT operation, hostname FROM _yoyo_log").fetchall()
    assert noted == [("apply", "migrating.example")]


def test_of_a_read_only_database_one_line_says_so(
    empty_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = f"{empty_database}?options=-c%20default_transaction_read_only%3Don"
    with pytest.raises(SystemExit) as ended:
        migrate_tables(options)
    assert ended.value.code == EXIT_AWAY
    assert capsys.readouterr().err == "the database is read-only: it takes no writes\n"
    migrate(empty_database)
    assert migrate(options) == 0


def test_no_index_of_images_is_made_in_the_way_of_the_version_before() -> None:
    """It goes on with its work meanwhile, and at millions of images that takes minutes."""
    since = sorted(path for path in MIGRATIONS.glob("*.sql") if path.name > "0011")
    in_the_way = [
        path.name for path in since if re.search(r"INDEX (?!CONCURRENTLY)\w+\s+ON images\b", path.read_text())
    ]
    assert in_the_way == []


def test_a_migration_may_take_longer_than_the_statements_of_its_role(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some seconds are a usual bound for who serves calls; an index of many images takes minutes."""
    name = conninfo_to_dict(empty_database)["dbname"]
    with psycopg.connect(empty_database, autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE \"{name}\" SET statement_timeout = '1h'".encode())
    bound, path = "current_setting('statement_timeout')", "current_setting('search_path')"
    (tmp_path / "0001_told.sql").write_text(f"CREATE TABLE told AS SELECT {bound} AS bound, {path} AS path;")
    monkeypatch.setattr(migrating, "MIGRATIONS", tmp_path)
    assert migrate(f"{empty_database}?options=-c%20search_path%3Dpublic") == 1
    with psycopg.connect(empty_database) as reader:
        assert reader.execute("SELECT * FROM told").fetchone() == ("0", "public")
