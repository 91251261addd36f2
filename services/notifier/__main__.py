"""The notifier's composition root: `python -m services.notifier` serves, `… listen` is a local receiver."""

from shared.early_stop import end_when_told

if __name__ == "__main__":
    end_when_told()


import asyncio
import sys
import time
from functools import partial

from services.notifier.handler import Dependencies, handle, report_dead
from services.notifier.listen import listen
from services.notifier.measured import measured
from services.notifier.poster import open_poster
from services.notifier.receivers import Receivers
from services.notifier.settings import Settings
from shared.clock import utc_now
from shared.command_line import read_command
from shared.consuming.runner import Runner
from shared.contract.groups import TOPICS_OF, Group
from shared.contract.targets import TargetKeyring
from shared.kafka import Subscription, open_producer
from shared.observing.health import Health
from shared.observing.logs import configure_logs
from shared.observing.metrics import show_metrics
from shared.readiness import watch_dependencies
from shared.serving import run_service, serve
from shared.settings import read_settings
from shared.tracing.tracing import open_tracing
from shared.web.health_routes import health_app
from shared.web.server.draining import calls_under_way

SERVICE = "notifier"
ABOUT = "Posts signed webhooks when requests end."


def main() -> None:
    if sys.argv[1:2] == ["listen"]:
        listen(sys.argv[2:])
        return
    others = {"listen": "a local receiver; listen --help says how"}
    read_command(SERVICE, ABOUT, Settings, sys.argv[1:], others=others)
    settings = read_settings(Settings)
    configure_logs(SERVICE, settings.log_level)
    show_metrics(SERVICE)
    run_service(_run(settings))


async def _run(settings: Settings) -> None:
    health, security = Health(), settings.kafka_security()
    async with (
        open_tracing(SERVICE, settings.otel_exporter_otlp_endpoint) as tracing,
        open_producer(settings.kafka_bootstrap, SERVICE, security) as producer,
        open_poster(settings.allow_hosts, utc_now) as poster,
    ):
        dependencies = Dependencies(
            targets=TargetKeyring(settings.target_keys),
            master_keys=settings.webhook_master_keys,
            poster=poster,
            receivers=Receivers(time.monotonic),
            allowed=settings.allow_hosts,
            now=utc_now,
        )
        subscription = Subscription(
            group=Group.NOTIFIER,
            topics=TOPICS_OF[Group.NOTIFIER],
            bootstrap=settings.kafka_bootstrap,
            instance_id=settings.kafka_instance_id,
            security=security,
        )
        runner = Runner(subscription, producer, health, settings.drain_seconds)

        async def consume(stopping: asyncio.Event) -> None:
            await runner.each(
                tracing.each(measured(partial(handle, dependencies=dependencies))),
                concurrency=settings.concurrency,
                stopping=stopping,
                report_dead=measured(partial(report_dead, dependencies=dependencies)),
                needs=("broker",),  # for its answers
            )

        watch = partial(watch_dependencies, {"broker": producer.check}, health)
        app = health_app(health)
        await serve(app, calls_under_way(app), settings, [consume, watch])


if __name__ == "__main__":
    main()
