"""Claims the images that are asked for next, in the caller's transaction. Those whose host has no place for
them are set aside.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.status.images.dispatching.dispatch_memory import Grant
from services.status.images.hosts.host_places import Asked, HostPlaces, came_back_unasked
from services.status.images.hosts.limited_hosts import TURNED_AWAY_CODES, LimitedHosts
from services.status.images.window import TAKE_BY_SECONDS
from services.status.postgres.columns import columns
from services.status.postgres.pool import Connection
from services.status.postgres.statements import SQL
from services.status.records.database_row import Row
from shared.clock import utc_now
from shared.consuming.handling import Outgoing
from shared.contract.events import ImageRequested
from shared.contract.trace_context import trace_headers

SCAN_IMAGES = 5_000  # ordinals one claim may walk over, of which many may be done or repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    moved: bool  # there was something to claim, or a cursor went on
    is_held_up: bool = False  # somebody holds each of the rows
    batch_id: int | None = None
    messages: Sequence[Outgoing] = ()


async def claim_images(
    connection: Connection, grants: Mapping[UUID, Grant], hosts: HostPlaces, limited: LimitedHosts
) -> Claim:
    """Claims as many images as were granted, of each request whose row nobody holds.

    The images, the cursors of their requests and the batch that is to be published change together, so
    whatever becomes of this process, each of them is either asked for or still to be claimed.
    """
    locked = await connection.fetch(SQL["lock_for_dispatch"], sorted(grants))
    if not locked:
        return Claim(moved=False, is_held_up=True)
    wanted = [(row["id"], *grants[row["id"]]) for row in locked]
    rows = await connection.fetch(
        SQL["claim_images"], *zip(*wanted, strict=True), SCAN_IMAGES, TAKE_BY_SECONDS
    )
    images = [row for row in rows if row["ordinal"] is not None]
    if not images:
        return Claim(moved=any(row["cursor_went_on"] for row in rows))
    batch_id = images[0]["batch_id"]
    asked = await _give_places(connection, batch_id, images, hosts, limited)
    return Claim(moved=True, batch_id=batch_id, messages=messages_of(asked, hosts))


async def _give_places(
    connection: Connection, batch_id: int, images: Sequence[Row], hosts: HostPlaces, limited: LimitedHosts
) -> Sequence[Row]:
    """The images that are asked for."""
    now = time.monotonic()
    waits = [_wait_for_place(image, hosts, limited, now) for image in images]
    waiting = [
        (image["request_id"], image["ordinal"], seconds)
        for image, seconds in zip(images, waits, strict=True)
        if seconds is not None
    ]
    if not waiting:
        return images
    asked = [image for image, seconds in zip(images, waits, strict=True) if seconds is None]
    rest = columns(Asked, [asked_of(image) for image in asked])
    await connection.execute(SQL["set_aside_images"], *zip(*waiting, strict=True), batch_id, *rest)
    return asked


def _wait_for_place(image: Row, hosts: HostPlaces, limited: LimitedHosts, now: float) -> float | None:
    """In seconds; None for an image that has a place."""
    url = image["input_url"]
    if image["code"] in TURNED_AWAY_CODES:
        limited.turned_away(url, now)
    if came_back_unasked(image["code"], image["failures"]):
        hosts.rests(url, now)
    places = limited if limited.limits(url, now) else hosts
    return places.take(url, asked_of(image), now)


def asked_of(image: Row) -> Asked:
    return Asked(image["request_id"], image["ordinal"], image["attempt"])


def messages_of(images: Sequence[Row], hosts: HostPlaces) -> Sequence[Outgoing]:
    """Of rows that have what their requests ask for, too."""
    now, monotonic_now = utc_now(), time.monotonic()
    return [
        Outgoing(
            _event_of(image, hosts, monotonic_now),
            now,
            trace_headers(image["traceparent"]),
        )
        for image in images
    ]


def _event_of(image: Row, hosts: HostPlaces, now: float) -> ImageRequested:
    url = image["input_url"]
    absence = hosts.absence(url, now)
    return ImageRequested(
        request_id=image["request_id"],
        image_id=image["id"],
        ordinal=image["ordinal"],
        run=image["run"],
        attempt=image["attempt"],
        url=url,
        quality=image["quality"],
        format=image["format"],
        take_by=image["take_by"],
        failures=image["failures"],
        host_away_seconds=absence and absence.seconds,
        host_answered_url=absence and absence.answered_url,
    )
