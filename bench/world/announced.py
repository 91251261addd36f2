"""Announces requests straight to the status service, as ingest would: the rows, then csv.accepted."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from deploy.local.own_stack import OwnStack
from services.ingest.acceptance.uuid7 import uuid7
from shared.clock import utc_now
from shared.consuming.handling import Outgoing
from shared.contract.events import CsvAccepted, Priority
from shared.contract.keys import rows_key, source_key
from shared.kafka import open_producer
from shared.store import local_folder

NOWHERE = "http://127.0.0.1:9/{}.jpg".format
Url = Callable[[int], str]  # of a row's image


async def announce(
    stack: OwnStack,
    images: int,
    *,
    url: Url = NOWHERE,
    tenant: str = "local",
    priority: Priority = Priority.NORMAL,
) -> UUID:
    """A request of so many products with one image each."""
    (request_id,) = await announce_many(stack, 1, images, url=url, tenant=tenant, priority=priority)
    return request_id


async def announce_many(
    stack: OwnStack,
    requests: int,
    images: int,
    *,
    url: Url = NOWHERE,
    tenant: str = "local",
    priority: Priority = Priority.NORMAL,
) -> Sequence[UUID]:
    now = utc_now()
    ids = [uuid7(int(now.timestamp() * 1000), secrets.randbits(74)) for _ in range(requests)]
    events = [_accepted(request_id, images, tenant, priority, now) for request_id in ids]
    folder = local_folder(stack.endpoints["store_url"])
    assert folder is not None  # a stack of our own
    for event in events:
        await asyncio.to_thread(_write, folder / event.rows_key, images, url)
    async with open_producer(stack.endpoints["kafka_bootstrap"], "bench") as producer:
        await producer.publish([Outgoing(event, now) for event in events])
    return [event.request_id for event in events]


def _accepted(request_id: UUID, images: int, tenant: str, priority: Priority, now: datetime) -> CsvAccepted:
    return CsvAccepted(
        request_id=request_id,
        tenant=tenant,
        created_at=now,
        filename="products.csv",
        source_key=source_key(request_id),
        source_bytes=1,
        source_sha256="0" * 64,
        rows_key=rows_key(request_id),
        columns=("S. No.", "Product Name", "Input Image Urls"),
        products=images,
        images=images,
        priority=priority,
    )


def _write(rows: Path, images: int, url: Url) -> None:
    rows.parent.mkdir(parents=True)
    with rows.open("w", encoding="utf-8") as file:
        file.writelines(_lines(images, url))


def _lines(images: int, url: Url) -> Iterator[str]:
    for number in range(images):
        row = {
            "row": number + 2,
            "serial_number": str(number + 1),
            "name": f"Product {number + 1}",
            "cells": [str(number + 1), f"Product {number + 1}", url(number)],
            "images": [{"ordinal": number, "url": url(number)}],
        }
        yield json.dumps(row) + "\n"
