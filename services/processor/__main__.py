"""`python -m services.processor` runs the service: its settings, clients, decoders and runner."""

from datetime import UTC, datetime
from functools import partial

import uvloop
from fastapi import FastAPI

from services.processor.fetch import Fetcher
from services.processor.handler import Dependencies, handle, report_dead
from services.processor.hosts import HostGates
from services.processor.pool import open_pool
from services.processor.settings import Settings
from shared.events import Topic
from shared.health import Health, health_routes
from shared.kafka import Subscription, open_producer
from shared.net import open_client
from shared.problems import install_problems
from shared.readiness import watch_dependencies
from shared.runner import run_each
from shared.serving import serve
from shared.settings import read_settings
from shared.store import open_store
from shared.telemetry import configure_logs

SERVICE = "processor"
RESULTS_WAIT_SECONDS = 0.01  # for each other: fewer, larger requests for the broker and for status


def main() -> None:
    settings = read_settings(Settings)
    configure_logs(SERVICE, settings.log_level)
    uvloop.run(_run(settings))


async def _run(settings: Settings) -> None:
    health = Health()
    app = FastAPI(openapi_url=None)
    app.include_router(health_routes(health))
    install_problems(app)
    store = open_store(settings.store_url)
    async with (
        open_producer(settings.kafka_bootstrap, SERVICE, RESULTS_WAIT_SECONDS) as producer,
        open_client(settings.allow_hosts) as client,
        open_pool(settings.decoders, settings.decoder_limits()) as decoders,
    ):
        hosts = HostGates(settings.requests_per_host)
        fetcher = Fetcher(client, hosts, settings.fetch_limits(), _now)
        dependencies = Dependencies(fetcher, decoders, store, _now)
        consume = partial(
            run_each,
            Subscription(
                SERVICE, (Topic.IMAGE_REQUESTED,), settings.kafka_bootstrap, settings.kafka_instance_id
            ),
            partial(handle, dependencies=dependencies),
            concurrency=settings.concurrency,
            producer=producer,
            health=health,
            drain_seconds=settings.drain_seconds,
            report_dead=partial(report_dead, dependencies=dependencies),
        )
        watch = partial(watch_dependencies, {"store": store.check, "broker": producer.check}, health)
        await serve(app, settings, [lambda stopping: consume(stopping=stopping), watch])


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
