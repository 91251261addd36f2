"""The reading side of the status service on a real Postgres, with a store in memory and rows by hand."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import uvicorn
from fastapi import FastAPI, Request
from starlette.types import ASGIApp

from services.status.api.app import make_app
from services.status.api.dependencies import Dependencies
from services.status.postgres.bounded_reads import BoundedReads
from services.status.postgres.pool import STATEMENT_SECONDS
from services.status.reading.lookup import Lookup
from services.status.reading.presenter import Presenter
from services.status.reading.reader import Reader
from services.status.reading.watchers import Watchers
from services.status.records.large_rows import LargeRows
from services.status.rendering.links import Links
from shared.contract.events import CsvAccepted
from shared.contract.keys import request_key
from shared.observing.health import Health
from shared.store import Store
from shared.testing.fakes import FakeStore
from shared.web.api_keys import Scope
from shared.web.auth import TenantOf
from shared.web.problems import Problem
from shared.web.server.connections import ImpatientProtocol
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.postgres.patient import patient_changes, patient_pool, patient_reads

PUBLIC_URL = "https://pixmill.example"
CREATED = datetime(2026, 11, 20, 10, 0, 0, 123_456, tzinfo=UTC)
EXPIRES = datetime(2100, 1, 1, tzinfo=UTC)


class KeyIsTenant:
    """The caller's API key is simply the name of its tenant."""

    asks_for_keys = True

    async def tenant(self, request: Request) -> str:
        key = request.headers.get("x-api-key")
        if key is None:
            raise Problem(401, "unauthorized", "Unauthorized", "A valid API key is needed.")
        request.state.tenant = key
        return key

    def tenant_with(self, scope: Scope) -> TenantOf:
        return self.tenant


@dataclass
class StatusWorld:
    """One app, its callers, and hands that write into its tables and its store."""

    pool: asyncpg.Pool
    app: FastAPI
    deps: Dependencies
    store: FakeStore
    tenant: str = field(default_factory=lambda: f"tenant-{uuid.uuid4().hex[:12]}")

    def client(self, tenant: str | None = None) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        headers = {"X-API-Key": tenant or self.tenant}
        return httpx.AsyncClient(transport=transport, base_url="http://inside", headers=headers)

    async def get(self, path: str, tenant: str | None = None, **options: Any) -> httpx.Response:
        async with self.client(tenant) as client:
            return await client.get(path, **options)

    async def add_request(self, **columns: Any) -> UUID:
        request_id = columns.pop("id", None) or new_id()
        defaults = {
            "tenant": self.tenant,
            "priority": "normal",
            "filename": "p.csv",
            "columns": ["S. No.", "Product Name", "Input Image Urls"],
            "quality": 50,
            "format": "keep",
            "source_key": f"requests/{request_id}/source.csv",
            "source_bytes": 10,
            "source_sha256": "0" * 64,
            "rows_key": f"requests/{request_id}/rows.ndjson",
            "created_at": CREATED,
            "deadline_at": EXPIRES,
            "products": 0,
            "images": 0,
        }
        await self._insert("requests", {"id": request_id} | defaults | columns)
        return request_id

    def add_upload(self, uploaded_at: datetime) -> UUID:
        """A request that only the store knows; its id says when it came."""
        event = CsvAccepted(
            request_id=new_id(uploaded_at),
            tenant=self.tenant,
            created_at=CREATED,
            filename="p.csv",
            source_key="k",
            source_bytes=1,
            source_sha256="0" * 64,
            rows_key="r",
            columns=("a",),
            products=2,
            images=5,
            webhook_url="https://shop.example/hook",
        )
        self.store.objects[request_key(event.request_id)] = event.value()
        return event.request_id

    async def add_product(
        self, request_id: UUID, number: int, images: int, first: int, **columns: Any
    ) -> UUID:
        product_id = uuid.uuid5(request_id, f"product {number}")
        defaults = {
            "request_id": request_id,
            "number": number,
            "id": product_id,
            "row_number": number + 2,
            "serial_number": str(number + 1),
            "name": f"SKU{number + 1}",
            "cells": [],
            "first_ordinal": first,
            "images": images,
        }
        await self._insert("products", defaults | columns)
        return product_id

    async def add_with_images(self, states: Sequence[str]) -> UUID:
        """A request of one product."""
        request_id = await self.add_request(state="processing", products=1, images=len(states))
        await self.add_product(request_id, 0, len(states), 0)
        for ordinal, state in enumerate(states):
            await self.add_image(request_id, ordinal, 0, state)
        return request_id

    async def add_image(
        self, request_id: UUID, ordinal: int, product: int, state: str, **columns: Any
    ) -> None:
        defaults = {
            "request_id": request_id,
            "ordinal": ordinal,
            "id": uuid.uuid5(request_id, f"image {ordinal}"),
            "product_number": product,
            "product_id": uuid.uuid5(request_id, f"product {product}"),
            "input_url": f"https://origin.example/{ordinal}.jpg",
            "state": state,
            "output_url": f"https://files.example/{ordinal}.jpg" if state == "done" else None,
            "code": "http_404" if state == "failed" else None,
        }
        await self._insert("images", defaults | columns)

    async def add_delivery(self, request_id: UUID, **columns: Any) -> UUID:
        webhook_id = uuid.uuid5(request_id, "delivery")
        defaults = {"webhook_id": webhook_id, "request_id": request_id, "run": 1}
        await self._insert("deliveries", defaults | columns)
        return webhook_id

    async def add_attempt(self, webhook_id: UUID) -> None:
        failed = {"attempt": 1, "outcome": "failed", "attempted_at": CREATED}
        took = {"duration_ms": 12.5, "status_code": 500}
        await self._insert("attempts", {"webhook_id": webhook_id} | failed | took)

    async def add_completion(self, request_id: UUID, body: dict[str, Any], **columns: Any) -> UUID:
        event_id = uuid.uuid5(request_id, f"end {columns.get('run', 1)}")
        defaults = {
            "event_id": event_id,
            "request_id": request_id,
            "tenant": self.tenant,
            "run": 1,
            "completed_at": CREATED,
            "body": json.dumps(body, separators=(",", ":")),
        }
        await self._insert("completions", defaults | columns)
        return event_id

    async def update(self, request_id: UUID, assignments: str) -> None:
        await self.pool.execute(f"UPDATE requests SET {assignments} WHERE id = $1", request_id)

    async def _insert(self, table: str, values: dict[str, Any]) -> None:
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        names = ", ".join(values)
        await self.pool.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", *values.values())


def new_id(moment: datetime = CREATED) -> UUID:
    """A UUIDv7 of that moment."""
    random = uuid.uuid4().int & ((1 << 62) - 1)
    return UUID(int=(int(moment.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | random)


@asynccontextmanager
async def open_world(
    dsn: str,
    poll_seconds: float = 0.05,
    store: Store | None = None,
    *,
    statement_seconds: float = STATEMENT_SECONDS,
    is_patient: bool = True,
) -> AsyncIterator[StatusWorld]:
    """`store`: in the place of the world's own, which then is not read. One that is patient gives no caller
    up, who would call again.
    """
    memory = FakeStore()
    async with AsyncExitStack() as opened:
        pool = await opened.enter_async_context(
            patient_pool(dsn, largest=4, statement_seconds=statement_seconds)
        )
        if is_patient:
            opened.enter_context(patient_changes())
        reader = Reader(patient_reads(pool) if is_patient else BoundedReads(pool), LargeRows())
        presenter = Presenter(reader, Links(PUBLIC_URL))
        watchers = Watchers(reader, presenter.snapshot, asyncio.Event(), poll_seconds)
        deps = Dependencies(
            reader=reader,
            lookup=Lookup(reader, store or memory),
            presenter=presenter,
            watchers=watchers,
            store=store or memory,
            authenticator=KeyIsTenant(),
            pool=pool,
            changed=lambda: None,
            run_deadline_seconds=3600,
        )
        stopping = asyncio.Event()
        polling = asyncio.create_task(watchers.run(stopping))
        yield StatusWorld(pool, make_app(deps, Health()), deps, memory)
        stopping.set()
        await polling


def calling(address: str, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
    """Over a real connection; a busy machine's answers may take their time."""
    limits = httpx.Limits(max_keepalive_connections=0)  # the server closes one that a test leaves quiet
    return httpx.AsyncClient(base_url=address, headers=headers, timeout=DEADLINE_SECONDS, limits=limits)


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The app behind a real socket; gives its address."""
    config = uvicorn.Config(
        app, port=0, http=ImpatientProtocol, lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving
