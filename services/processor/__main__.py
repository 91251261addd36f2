"""`python -m services.processor` runs the service: its settings, clients, decoders and runner."""

from shared.early_stop import end_when_told

if __name__ == "__main__":
    end_when_told()


import asyncio
import sys
from functools import partial

from services.processor.codec.jpeg.requantise import is_built
from services.processor.decoders.confinement import hide_from_children, missing_means
from services.processor.decoders.pool import open_pool
from services.processor.fetching.fetcher import Fetcher
from services.processor.fetching.host_gates import HostGates
from services.processor.gathering import Gathering
from services.processor.handler import handle, report_dead
from services.processor.measured import measured
from services.processor.places import Places
from services.processor.ports import Dependencies
from services.processor.scouting import Scouting
from services.processor.settings import Settings
from services.processor.watermarks import Watermark, Watermarks, show_disk_headroom, used_disk, used_memory
from shared.clock import utc_now
from shared.command_line import read_command
from shared.consuming.runner import Runner
from shared.contract.groups import TOPICS_OF, Group
from shared.kafka import Subscription, open_producer
from shared.observing.health import Health
from shared.observing.logs import Action, configure_logs, log
from shared.observing.loop_lag import LOOP_LAG
from shared.observing.metrics import show_metrics
from shared.outbound.client import open_client
from shared.readiness import watch_dependencies
from shared.serving import run_service, serve
from shared.settings import read_settings
from shared.store import open_store
from shared.tracing.tracing import open_tracing
from shared.web.health_routes import health_app
from shared.web.server.draining import calls_under_way

SERVICE = "processor"
ABOUT = "Fetches images, compresses them, and stores original and result."
TAKEN_TIMES = 2  # as many messages as images at work: some of one request wait, those of others may begin


def main() -> None:
    read_command(SERVICE, ABOUT, Settings, sys.argv[1:])
    settings = read_settings(Settings)
    configure_logs(SERVICE, settings.log_level)
    log.info(Action.CODEC_CHOSEN, plain_jpegs="coefficients" if is_built() else "pixels")
    hide_from_children()
    if missing := missing_means():
        log.warning(Action.DECODERS_NOT_CONFINED, missing=missing)
    show_metrics(SERVICE)
    run_service(_run(settings))


async def _run(settings: Settings) -> None:
    health = Health()
    store = open_store(settings.store_url, settings.store_keys)
    async with (
        open_tracing(SERVICE, settings.otel_exporter_otlp_endpoint) as tracing,
        open_producer(settings.kafka_bootstrap, SERVICE, settings.kafka_security()) as producer,
        open_client(settings.allow_hosts) as client,
        open_pool(settings.decoders, settings.decoder_limits()) as decoders,
    ):
        gates = HostGates(settings.requests_per_host, under_way=settings.concurrency)
        fetcher = Fetcher(
            client, gates, settings.fetch_limits(), now=utc_now, late_seconds=LOOP_LAG.late_seconds
        )
        places = Places(settings.concurrency, lambda: 1 if fetcher.is_behind else decoders.few_each())
        dependencies = Dependencies(
            places=places,
            gathering=Gathering(settings.decoders),
            scouting=Scouting(store),
            fetcher=fetcher,
            decoders=decoders,
            store=store,
            now=utc_now,
        )
        watermarks = _watermarks(settings, health)
        subscription = Subscription(
            group=Group.PROCESSOR,
            topics=TOPICS_OF[Group.PROCESSOR],
            bootstrap=settings.kafka_bootstrap,
            instance_id=settings.kafka_instance_id,
            security=settings.kafka_security(),
        )
        runner = Runner(subscription, producer, health, settings.drain_seconds)

        async def consume(stopping: asyncio.Event) -> None:
            await runner.each(
                tracing.each(measured(partial(handle, dependencies=dependencies), utc_now)),
                concurrency=TAKEN_TIMES * settings.concurrency,
                stopping=stopping,
                report_dead=measured(partial(report_dead, dependencies=dependencies), utc_now),
                needs=("store", "decoder", "memory", "disk"),
                admits=watermarks.admits,
            )

        checks = {"store": store.check, "broker": producer.check, "decoder": decoders.check}
        watch = partial(watch_dependencies, checks, health)
        app = health_app(health)
        await serve(app, calls_under_way(app), settings, [watch, watermarks.watch, consume])


def _watermarks(settings: Settings, health: Health) -> Watermarks:
    show_disk_headroom(settings.store_url, settings.max_disk_used)
    marks = (
        Watermark("memory", used_memory, settings.max_memory_used),
        Watermark("disk", used_disk(settings.store_url), settings.max_disk_used),
    )
    return Watermarks(marks, health)


if __name__ == "__main__":
    main()
