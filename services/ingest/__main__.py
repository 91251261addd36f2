"""`python -m services.ingest` runs the service; `python -m services.ingest new-key …` issues an API key."""

from shared.early_stop import end_when_told

if __name__ == "__main__":
    end_when_told()


import functools
import secrets
import sys
import time
from uuid import UUID

from services.ingest.acceptance.acceptor import Acceptor
from services.ingest.acceptance.uuid7 import uuid7
from services.ingest.admission.disk import Disk
from services.ingest.admission.places import upload_places
from services.ingest.admission.queue import RequestQueue
from services.ingest.admission.tenant_shares import TenantShares
from services.ingest.api.app import Dependencies, create_app
from services.ingest.api.upload import Uploads
from services.ingest.api.upload_forms import UploadForms
from services.ingest.api.uploaded_csvs import UploadedCsvs
from services.ingest.issue_key import issue_key
from services.ingest.settings import Settings
from shared.clock import utc_now
from shared.command_line import read_command
from shared.contract.events import Topic
from shared.contract.groups import Group
from shared.contract.targets import TargetKeyring
from shared.kafka import KafkaGroupLag, open_producer
from shared.observing.health import Health
from shared.observing.logs import configure_logs
from shared.observing.metrics import show_metrics
from shared.readiness import watch_dependencies
from shared.serving import run_service, serve
from shared.settings import read_settings
from shared.store import open_store
from shared.tracing.tracing import open_tracing
from shared.web.auth import Authenticator
from shared.web.rate_limiting import RateLimited, RateLimiter, open_rate_limiter
from shared.web.server.draining import calls_under_way

ABOUT = "Takes CSVs of products and image URLs by HTTP, stores them, and announces them on Kafka."
LOOP_WAITS_SECONDS = 0.001  # then a thread that reads a CSV must hand the interpreter to the event loop


def main() -> None:
    if sys.argv[1:2] == ["new-key"]:
        raise SystemExit(issue_key(sys.argv[2:]))
    others = {"new-key": "issue an API key; new-key --help says how"}
    read_command("ingest", ABOUT, Settings, sys.argv[1:], others=others)
    settings = read_settings(Settings)
    configure_logs("ingest", settings.log_level)
    show_metrics("ingest")
    sys.setswitchinterval(LOOP_WAITS_SECONDS)
    run_service(_run(settings, settings.require_authenticator()))


async def _run(settings: Settings, authenticator: Authenticator) -> None:
    health = Health()
    store = open_store(settings.store_url, settings.store_keys)
    security = settings.kafka_security()
    limiter = open_rate_limiter(
        requests=settings.requests_per_minute, rows=settings.rows_per_minute, bytes=settings.bytes_per_minute
    )
    lag = KafkaGroupLag(
        bootstrap=settings.kafka_bootstrap,
        group=Group.STATUS_CSV_ACCEPTED,
        topic=Topic.CSV_ACCEPTED,
        security=security,
    )
    queue = RequestQueue(lag, settings.max_waiting_requests)
    shares = TenantShares(store)
    async with (
        open_tracing("ingest", settings.otel_exporter_otlp_endpoint) as tracing,
        open_producer(settings.kafka_bootstrap, "ingest", security) as producer,
    ):
        acceptor = Acceptor(
            store=store,
            producer=producer,
            keyring=TargetKeyring(settings.target_keys),
            now=utc_now,
            new_id=_new_id,
        )
        app = create_app(
            Dependencies(
                uploads=_uploads(settings, limiter, queue, shares, acceptor),
                authenticator=RateLimited(authenticator, limiter),
                health=health,
                webhook_master_key=settings.webhook_master_keys[0],
                public_url=settings.public_url,
                cors_origins=settings.cors_origins,
            )
        )
        checks = {"store": store.check_room, "broker": producer.check}
        await serve(
            tracing.uploads(app),
            calls_under_way(app),
            settings,
            [functools.partial(watch_dependencies, checks, health), queue.watch, shares.watch],
        )


def _uploads(
    settings: Settings, limiter: RateLimiter, queue: RequestQueue, shares: TenantShares, acceptor: Acceptor
) -> Uploads:
    allow = settings.allow_hosts
    forms = UploadForms(
        limits=settings.form_limits(),
        places=upload_places(settings.max_uploads),
        disk=Disk(settings.max_disk_bytes),
        limiter=limiter,
        allow=allow,
    )
    return Uploads(
        queue=queue,
        shares=shares,
        forms=forms,
        csvs=UploadedCsvs(limits=settings.workbook_limits(), limiter=limiter, allow=allow),
        acceptor=acceptor,
    )


def _new_id() -> UUID:
    return uuid7(time.time_ns() // 1_000_000, secrets.randbits(74))


if __name__ == "__main__":
    main()
