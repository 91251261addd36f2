"""The ingest service's app over fakes: a store in memory and a broker that collects."""

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import httpx
from cryptography.fernet import Fernet
from fastapi import FastAPI
from pydantic import SecretStr

from services.ingest.acceptance.acceptor import Acceptor
from services.ingest.admission.disk import Disk
from services.ingest.admission.places import upload_places
from services.ingest.admission.queue import RequestQueue
from services.ingest.admission.tenant_shares import TenantShares
from services.ingest.api.app import Dependencies, create_app
from services.ingest.api.upload import Uploads
from services.ingest.api.upload_forms import UploadForms
from services.ingest.api.uploaded_csvs import UploadedCsvs
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.form.reader import FormLimits
from services.ingest.workbook.limits import WorkbookLimits
from shared.contract.events import CsvAccepted
from shared.contract.targets import TargetKeyring
from shared.observing.health import Health
from shared.outbound.addresses import Networks
from shared.testing.fakes import FakeLag, FakeProducer, FakeStore
from shared.web.auth import Authenticator, OpenDoor
from shared.web.rate_limiting import RateLimited, RateLimiter, open_rate_limiter
from tests.worlds.patience import DEADLINE_SECONDS

REQUEST_ID = "01930000-0000-7000-8000-000000000001"
CSV = (
    b"S. No.,Product Name,Input Image Urls\n"
    b'1,SKU1,"https://a.example/1.jpg, https://a.example/2.jpg"\n'
    b"2,SKU2,https://a.example/1.jpg\n"
)


@dataclass(kw_only=True)
class Ingest:
    """The service over fakes."""

    http: httpx.AsyncClient
    app: FastAPI
    store: FakeStore
    producer: FakeProducer
    keyring: TargetKeyring
    queue: RequestQueue
    shares: TenantShares
    lag: FakeLag

    async def post(
        self,
        path: str = "/v1/requests",
        csv: bytes = CSV,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        field: str = "file",
    ) -> httpx.Response:
        files = {field: ("p.csv", csv, "text/csv")}
        return await self.http.post(path, files=files, data=data, headers=headers)

    def accepted(self) -> list[CsvAccepted]:
        return self.producer.events(CsvAccepted)


@asynccontextmanager
async def open_ingest(
    limiter: RateLimiter | None = None,
    authenticator: Authenticator | None = None,
    allow: Networks = (),
    *,
    disk: Disk | None = None,
    limits: WorkbookLimits | None = None,
) -> AsyncIterator[Ingest]:
    store, producer = FakeStore(), FakeProducer()
    keyring = TargetKeyring([SecretStr(Fernet.generate_key().decode())])
    numbers = itertools.count(1)
    acceptor = Acceptor(
        store=store,
        producer=producer,
        keyring=keyring,
        now=lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        new_id=lambda: UUID(int=UUID(REQUEST_ID).int + next(numbers) - 1),
    )
    limiter = limiter or open_rate_limiter()
    lag = FakeLag()
    queue = RequestQueue(lag, max_waiting=99)
    form_limits = FormLimits(
        file_bytes=100_000, silence_seconds=DEADLINE_SECONDS, total_seconds=DEADLINE_SECONDS
    )
    shares = TenantShares(store)
    uploads = Uploads(
        queue=queue,
        shares=shares,
        forms=UploadForms(
            limits=form_limits,
            places=upload_places(8),
            disk=disk or Disk(10**9),
            limiter=limiter,
            allow=allow,
        ),
        csvs=UploadedCsvs(
            limits=limits or WorkbookLimits(csv=CsvLimits(rows=100)), limiter=limiter, allow=allow
        ),
        acceptor=acceptor,
    )
    app = create_app(
        Dependencies(
            uploads=uploads,
            authenticator=RateLimited(authenticator or OpenDoor(), limiter),
            health=Health(),
            webhook_master_key=SecretStr("master"),
            public_url="https://pixmill.test",
        )
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield Ingest(
            http=http,
            app=app,
            store=store,
            producer=producer,
            keyring=keyring,
            queue=queue,
            shares=shares,
            lag=lag,
        )
