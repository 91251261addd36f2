"""Claims the images that are asked for next, in the caller's transaction. Those whose host has no place for
them are set aside.
"""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from services.status.images.dispatch_memory import Grant
from services.status.images.host_places import Asked, HostPlaces
from services.status.images.limited_hosts import TURNED_AWAY_CODES, LimitedHosts
from services.status.images.window import TAKE_BY_SECONDS
from services.status.postgres.pool import Connection
from services.status.postgres.statements import SQL
from shared.clock import utc_now
from shared.consuming.handling import Outgoing
from shared.contract.events import ImageRequested
from shared.contract.trace_context import trace_headers

NOTHING_ASKED: tuple[Sequence[Any], ...] = ((), (), ())
SCAN_IMAGES = 5_000  # ordinals one claim may walk over, of which many may be done or repeats


@dataclass(frozen=True, slots=True)
class Claim:
    moved: bool  # there was something to claim, or a cursor went on
    batch_id: int | None = None
    messages: Sequence[Outgoing] = ()


class Walk(NamedTuple):
    """Which images of one request a claim looks at and how many it takes: a row of `claim_images`.

    Fresh images are found by walking over the ordinals from `start`, the request's cursor, up to `stop`.
    """

    request_id: UUID
    run: int
    standing: str  # as JSON: its failures of these codes, since that run, are left alone
    start: int
    stop: int
    fresh: int
    due: int


class RequestClaim(NamedTuple):
    """What a claim changes on its request's row: a row of `count_claims`."""

    request_id: UUID
    claimed: int
    next_ordinal: int
    due_changed: bool  # the next due image may be another one now


async def claim_images(
    connection: Connection, grants: Mapping[UUID, Grant], hosts: HostPlaces, limited: LimitedHosts
) -> Claim:
    """Claims as many images as were granted, of each request whose row nobody holds.

    The images, the cursors of their requests and the batch that is to be published change together, so
    whatever becomes of this process, each of them is either asked for or still to be claimed.
    """
    locked = await connection.fetch(SQL["lock_for_dispatch"], sorted(grants))
    if not locked:
        return Claim(moved=False)
    requests = {row["id"]: row for row in locked}
    walks = [_walk(row, grants[row["id"]]) for row in locked]
    images = await connection.fetch(SQL["claim_images"], *zip(*walks, strict=True), TAKE_BY_SECONDS)
    images.sort(key=lambda image: (image["request_id"], image["ordinal"]))
    asked, waiting = await _give_places(connection, images, hosts, limited)
    counted = _count(walks, images, asked, waiting)
    batch = zip(*map(asked_of, asked), strict=True) if asked else NOTHING_ASKED
    batch_id = await connection.fetchval(SQL["count_claims"], *zip(*counted, strict=True), *batch)
    if batch_id is None:
        cursor_went_on = any(
            each.next_ordinal > walk.start for walk, each in zip(walks, counted, strict=True)
        )
        return Claim(moved=bool(images) or cursor_went_on)
    return Claim(True, batch_id, [message_of(image, requests[image["request_id"]]) for image in asked])


def _walk(request: Any, grant: Grant) -> Walk:
    """A long stretch of images that need nothing is walked over in several claims."""
    start = request["next_ordinal"]
    stop = min(start + SCAN_IMAGES, request["planned_images"])
    return Walk(
        request_id=request["id"],
        run=request["run"],
        standing=json.dumps(request["standing"]),
        start=start,
        stop=stop,
        fresh=grant.fresh,
        due=grant.due,
    )


async def _give_places(
    connection: Connection, images: Sequence[Any], hosts: HostPlaces, limited: LimitedHosts
) -> tuple[Sequence[Any], set[UUID]]:
    """The images that are asked for, and the requests of those that wait for their host."""
    now = time.monotonic()
    waits = [_wait_for_place(image, hosts, limited, now) for image in images]
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


def _wait_for_place(image: Any, hosts: HostPlaces, limited: LimitedHosts, now: float) -> float | None:
    """In seconds; None for an image that has a place."""
    url = image["input_url"]
    if image["code"] in TURNED_AWAY_CODES:
        limited.turned_away(url, now)
    places = limited if limited.limits(url, now) else hosts
    return places.take(url, asked_of(image), now)


def _count(
    walks: Sequence[Walk], images: Sequence[Any], asked: Sequence[Any], waiting: set[UUID]
) -> list[RequestClaim]:
    fresh: dict[UUID, list[int]] = defaultdict(list)
    for image in images:
        if image["is_fresh"]:
            fresh[image["request_id"]].append(image["ordinal"])
    claimed = Counter(image["request_id"] for image in asked)
    return [
        RequestClaim(
            request_id=walk.request_id,
            claimed=claimed[walk.request_id],
            next_ordinal=_cursor(walk, fresh[walk.request_id]),
            due_changed=walk.due > 0 or walk.request_id in waiting,
        )
        for walk in walks
    ]


def _cursor(walk: Walk, taken: Sequence[int]) -> int:
    """Where the next walk begins: behind the last fresh image that was taken, or at the end of this walk."""
    if walk.fresh == 0:
        return walk.start
    return walk.stop if len(taken) < walk.fresh else max(taken) + 1


def asked_of(image: Any) -> Asked:
    return image["request_id"], image["ordinal"], image["attempt"]


def message_of(image: Any, request: Any) -> Outgoing:
    """Both may be one row, where a statement joins them."""
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
