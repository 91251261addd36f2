"""`python -m services.status` runs the service; with `migrate` it updates the tables, with
`adopt-store` it says that this database and this store belong together.
"""

from shared.early_stop import end_when_told

if __name__ == "__main__":
    end_when_told()


import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial

import asyncpg
import uvloop

from services.status import commands
from services.status.api.app import make_app
from services.status.api.backlog import backlog_routes
from services.status.api.dependencies import Dependencies
from services.status.descriptors import require_descriptors
from services.status.engine import build_engine
from services.status.images.backlog import READ_SECONDS as BACKLOG_SECONDS
from services.status.images.backlog import Backlog
from services.status.jobs.job import Job
from services.status.jobs.notices import TRY_SECONDS as NOTICES_SECONDS
from services.status.jobs.notices import Notices
from services.status.jobs.runner import JobRunner
from services.status.jobs.wakes import Wakes, Work
from services.status.postgres.bounded_reads import READ_SECONDS, BoundedReads
from services.status.postgres.listening import open_listening
from services.status.postgres.pool import READERS_CONNECTIONS, open_pool
from services.status.postgres.sessions import watch_sessions
from services.status.postgres.standby_reads import STANDBY_SECONDS, StandbyReads
from services.status.reading.database import Database
from services.status.reading.lookup import Lookup
from services.status.reading.presenter import Presenter
from services.status.reading.reader import Reader
from services.status.reading.watchers import Watchers
from services.status.records.large_rows import LargeRows
from services.status.rendering.links import Links
from services.status.settings import POSTGRES_DSN, POSTGRES_READ_DSN, Settings
from services.status.topics import consumer_of, open_lags
from shared.command_line import read_command
from shared.contract.groups import Group
from shared.kafka import count_members, open_producer
from shared.observing.health import Health
from shared.observing.logs import configure_logs
from shared.observing.metrics import show_metrics
from shared.readiness import watch_dependencies
from shared.serving import Side, run_service, serve, wrong_settings_told
from shared.settings import read_settings
from shared.store import Store, open_store
from shared.tracing.tracing import open_tracing
from shared.web.auth import Authenticator
from shared.web.rate_limiting import RateLimited, open_rate_limiter
from shared.web.server.draining import calls_under_way

ABOUT = "Plans and dispatches every request, keeps its state in PostgreSQL, and answers for it by HTTP."
MIGRATE = "migrate"
ADOPT_STORE = "adopt-store"


def main() -> None:
    others = {
        MIGRATE: "bring the tables up to date",
        ADOPT_STORE: "this database and this store belong together: what it does not know may be removed",
    }
    command = read_command("status", ABOUT, Settings, sys.argv[1:], others=others)
    settings = read_settings(Settings)
    configure_logs("status", settings.log_level)
    show_metrics("status")
    with wrong_settings_told():
        if command == MIGRATE:
            commands.migrate_tables(settings.postgres_dsn)
        elif command == ADOPT_STORE:
            uvloop.run(_adopt_store(settings))
        else:
            require_descriptors()
            run_service(_run(settings, settings.require_authenticator()))


@asynccontextmanager
async def _open_data(settings: Settings) -> AsyncIterator[tuple[asyncpg.Pool, Store]]:
    """Where everything is kept that lasts: the tables and the files."""
    async with open_pool(settings.postgres_dsn) as pool:
        yield pool, open_store(settings.store_url, settings.store_keys)


async def _adopt_store(settings: Settings) -> None:
    async with _open_data(settings) as (pool, store):
        await commands.adopt_store(settings.postgres_dsn, pool, store)


async def _run(settings: Settings, authenticator: Authenticator) -> None:
    health = Health()
    async with AsyncExitStack() as opened:
        tracing = await opened.enter_async_context(
            open_tracing("status", settings.otel_exporter_otlp_endpoint)
        )
        producer = await opened.enter_async_context(
            open_producer(settings.kafka_bootstrap, "status", settings.kafka_security())
        )
        engine_pool, store = await opened.enter_async_context(_open_data(settings))
        # Readers have connections of their own, so that no amount of engine work keeps them waiting.
        readers_pool = await opened.enter_async_context(_open_readers_pool(settings.postgres_dsn))
        large_rows = LargeRows()
        reader = Reader(await _open_reads(settings, readers_pool, opened), large_rows)
        engine = build_engine(
            pool=engine_pool,
            store=store,
            producer=producer,
            settings=settings,
            lags=open_lags(settings, opened),
            large_rows=large_rows,
        )
        limiter = open_rate_limiter(requests=settings.requests_per_minute)
        access = RateLimited(authenticator, limiter)
        deps = _dependencies(settings, store, reader, readers_pool, access, wakes=engine.wakes)
        backlog = _backlog(settings, readers_pool)
        notices = Notices(
            engine.wakes, await opened.enter_async_context(open_listening(settings.postgres_dsn))
        )
        jobs = [
            *engine.jobs,
            Job(name="backlog", step=backlog.step, poll_seconds=BACKLOG_SECONDS),
            Job(name="notices", step=notices.step, signal=engine.wakes.news, poll_seconds=NOTICES_SECONDS),
        ]
        checks = {"store": store.check, "database": BoundedReads(readers_pool).check}
        sides: list[Side] = [
            partial(watch_dependencies, checks, health),
            deps.watchers.run,
            *_session_watchers(settings),
            *(JobRunner(job, health, settings.drain_seconds) for job in jobs),
            *(
                consumer_of(topic, topic_reader, settings, producer, health=health, tracing=tracing)
                for topic, topic_reader in engine.readers.items()
            ),
        ]
        app = make_app(deps, health, settings.cors_origins)
        app.include_router(backlog_routes(backlog))
        await serve(app, calls_under_way(app), settings, sides)


def _open_readers_pool(dsn: str) -> AbstractAsyncContextManager[asyncpg.Pool]:
    return open_pool(dsn, largest=READERS_CONNECTIONS, statement_seconds=READ_SECONDS)


async def _open_reads(settings: Settings, pool: asyncpg.Pool, opened: AsyncExitStack) -> Database:
    primary = BoundedReads(pool)
    if settings.postgres_read_dsn is None:
        return primary
    standby = await opened.enter_async_context(_open_readers_pool(settings.postgres_read_dsn))
    return StandbyReads(primary, BoundedReads(standby, STANDBY_SECONDS))


def _session_watchers(settings: Settings) -> Iterator[Side]:
    yield partial(watch_sessions, POSTGRES_DSN, settings.postgres_dsn)
    if settings.postgres_read_dsn is not None:
        yield partial(watch_sessions, POSTGRES_READ_DSN, settings.postgres_read_dsn)


def _dependencies(
    settings: Settings,
    store: Store,
    reader: Reader,
    pool: asyncpg.Pool,
    authenticator: Authenticator,
    *,
    wakes: Wakes,
) -> Dependencies:
    presenter = Presenter(reader, Links(settings.public_url, settings.public_files_url))
    return Dependencies(
        reader=reader,
        lookup=Lookup(reader, store),
        presenter=presenter,
        watchers=Watchers(reader, presenter.snapshot, wakes.ended),
        store=store,
        authenticator=authenticator,
        pool=pool,
        changed=partial(wakes.call, *Work),
        run_deadline_seconds=settings.request_deadline_seconds,
    )


def _backlog(settings: Settings, pool: asyncpg.Pool) -> Backlog:
    count_processors = partial(
        count_members, settings.kafka_bootstrap, Group.PROCESSOR, settings.kafka_security()
    )
    return Backlog(BoundedReads(pool), count_processors)


if __name__ == "__main__":
    main()
