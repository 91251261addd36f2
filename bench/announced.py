"""Requests announced straight to the status service, as ingest would: the rows, then csv.accepted."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

from deploy.local.own_stack import OwnStack
from shared.events import CsvAccepted, Priority
from shared.handling import Outgoing
from shared.kafka import open_producer
from shared.keys import rows_key, source_key


async def announce(
    stack: OwnStack, images: int, *, tenant: str = "local", priority: Priority = Priority.NORMAL
) -> UUID:
    """A request of so many products with one image each."""
    request_id, now = uuid.uuid4(), datetime.now(UTC)
    rows = Path(unquote(urlsplit(stack.endpoints["store_url"]).path), rows_key(request_id))
    await asyncio.to_thread(_write, rows, images)
    event = CsvAccepted(
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
    async with open_producer(stack.endpoints["kafka_bootstrap"], "bench") as producer:
        await producer.publish([Outgoing(event, now)])
    return request_id


def _write(rows: Path, images: int) -> None:
    rows.parent.mkdir(parents=True)
    with rows.open("w", encoding="utf-8") as file:
        file.writelines(_lines(images))


def _lines(images: int) -> Iterator[str]:
    for number in range(images):
        url = f"http://127.0.0.1:9/{number}.jpg"
        row = {
            "row": number + 2,
            "serial_number": str(number + 1),
            "name": f"Product {number + 1}",
            "cells": [str(number + 1), f"Product {number + 1}", url],
            "images": [{"ordinal": number, "url": url}],
        }
        yield json.dumps(row) + "\n"
