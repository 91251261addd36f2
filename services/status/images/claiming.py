"""Claims the images that are asked for next, in the caller's transaction. Those whose host has no place for
them are set aside.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.status.images.host_places import Asked, HostPlaces
from services.status.images.window import TAKE_BY_SECONDS
from services.status.postgres.pool import Connection
from services.status.postgres.statements import SQL
from shared.clock import utc_now
from shared.consuming.handling import Outgoing
from shared.contract.events import ImageRequested
from shared.contract.trace_context import trace_headers

SCAN_IMAGES = 5_000  # ordinals one claim may walk over, of which many may be done or repeats


@dataclass(frozen=True, slots=True)
class Claim:
    moved: bool  # there was something to claim, or a cursor went on
    batch_id: int | None = None
    messages: Sequence[Outgoing] = ()


async def claim_images(
    connection: Connection, grants: Counter[UUID], due: dict[UUID, int], hosts: HostPlaces
) -> Claim:
    locked = await connection.fetch(SQL["lock_for_dispatch"], sorted(grants))
    if not locked:
        return Claim(moved=False)
    requests = {row["id"]: row for row in locked}
    wanted = [
        (key, row["run"], row["next_ordinal"], _stop(row), grants[key] - due[key], due[key])
        for key, row in requests.items()
    ]
    images = await connection.fetch(SQL["claim_images"], *zip(*wanted, strict=True), TAKE_BY_SECONDS)
    cursors = {key: _cursor(row, grants[key] - due[key], images) for key, row in requests.items()}
    images.sort(key=lambda image: (image["request_id"], image["ordinal"]))
    asked, set_aside = await _give_places(connection, images, hosts)
    claimed = Counter(image["request_id"] for image in asked)
    counts = [(key, claimed[key], cursors[key], due[key] > 0 or key in set_aside) for key in requests]
    await connection.execute(SQL["count_claims"], *zip(*counts, strict=True))
    moved = bool(images) or any(cursors[key] > row["next_ordinal"] for key, row in requests.items())
    if not asked:
        return Claim(moved=moved)
    batch_id = await connection.fetchval(SQL["insert_batch"], *zip(*map(asked_of, asked), strict=True))
    return Claim(True, batch_id, [message_of(image, requests[image["request_id"]]) for image in asked])


async def _give_places(
    connection: Connection, images: Sequence[Any], hosts: HostPlaces
) -> tuple[Sequence[Any], set[UUID]]:
    """The images that are asked for, and the requests of those that wait for their host."""
    now = time.monotonic()
    waits = [hosts.take(image["input_url"], asked_of(image), now) for image in images]
    waiting = [
        (image["request_id"], image["ordinal"], seconds)
        for image, seconds in zip(images, waits, strict=True)
        if seconds is not None
    ]
    if not waiting:
        return images, set()
    await connection.execute(SQL["set_aside_images"], *zip(*waiting, strict=True))
    asked = [image for image, seconds in zip(images, waits, strict=True) if seconds is None]
    return asked, {request_id for request_id, _, _ in waiting}


def asked_of(image: Any) -> Asked:
    return image["request_id"], image["ordinal"], image["attempt"]


def _stop(request: Any) -> int:
    """Where the walk of this claim ends: a long stretch of images that need nothing is walked in several."""
    return min(int(request["next_ordinal"]) + SCAN_IMAGES, int(request["planned_images"]))


def _cursor(request: Any, slots: int, images: Sequence[Any]) -> int:
    if slots == 0:
        return int(request["next_ordinal"])
    own = [image for image in images if image["request_id"] == request["id"] and image["is_fresh"]]
    if len(own) < slots:
        return _stop(request)
    return 1 + max(int(image["ordinal"]) for image in own)


def message_of(image: Any, request: Any) -> Outgoing:
    event = ImageRequested(
        request_id=image["request_id"],
        image_id=image["id"],
        ordinal=image["ordinal"],
        run=image["run"],
        attempt=image["attempt"],
        url=image["input_url"],
        quality=request["quality"],
        format=request["format"],
        take_by=image["take_by"],
    )
    return Outgoing(event, utc_now(), trace_headers(request["traceparent"]))
