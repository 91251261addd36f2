"""Holds what is in tables, store and topics at the end against what people, hosts and receivers remember. It
knows nothing of how status works.
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from chaos.simulation.outside import Nature, nature_of
from chaos.simulation.people import People, Upload
from chaos.simulation.universe import Universe
from shared.contract.events import Topic

ENDED = {"completed", "failed", "cancelled"}
IMAGES = """
SELECT n.*, i.losses, i.refusals, i.ended_at - i.refused_at AS turned_away_for
FROM images_now n JOIN images i ON i.request_id = n.request_id AND i.ordinal = n.ordinal
WHERE n.request_id = $1
ORDER BY n.ordinal
"""
TURNED_AWAY, TURNED_AWAY_FOR = 5, timedelta(hours=1)  # by its host: it fails after both
TAKEN_IN_SILENCE = 5  # an image that was taken as often and never answered is given up


async def violations(universe: Universe, people: People) -> list[str]:
    found = [each async for each in _of_webhooks(universe, people)]
    for upload in people.uploads:
        row = await universe.row(upload.id)
        if row is None or row["deleted_at"] is not None:
            if not upload.deleted:
                found.append(f"{upload.id} is gone, and nobody deleted it")
            continue
        images = await universe.pool.fetch(IMAGES, upload.id)
        found += [f"{upload.id}: {each}" for each in _of_request(universe, upload, row, images)]
    return found


def _of_request(universe: Universe, upload: Upload, row: Any, images: list[Any]) -> list[str]:
    found = []
    if row["state"] not in ENDED:
        found.append(f"it is {row['state']}")
    if row["state"] == "cancelled" and not upload.cancelled:
        found.append("nobody cancelled it")
    states = [image["state"] for image in images]
    counted = {"done": row["done"], "failed": row["failed"]}
    if counted != {state: states.count(state) for state in counted}:
        found.append(f"it counts {counted}, and its images are {states}")
    if row["in_flight"] and row["completed_at"] is not None and "requested" in states:
        found.append("an image is asked for in a run that has ended")
    for image, url in zip(images, upload.urls, strict=False):
        found += _of_image(upload, row, image, url)
    if row["output_csv_path"] is not None:
        found += _of_output(universe, upload, row, images)
    return found


def _of_image(upload: Upload, row: Any, image: Any, url: str) -> list[str]:
    what, nature = f"image {image['ordinal']} ({url})", nature_of(url)
    match image["state"]:
        case "done" if nature is Nature.MISSING:
            return [f"{what} is done, and its host has none"]
        case "failed" if nature in (Nature.WELL, Nature.LIMITED) and not _was_given_up(row, image):
            return [f"{what} failed with {image['code']}, and its host served it"]
        case "cancelled" if not upload.cancelled:
            return [f"{what} is cancelled, and nobody cancelled it"]
        case "planned" | "requested" if row["completed_at"] is not None:
            return [f"{what} is {image['state']} in a run that has ended"]
        case _:
            return []


def _was_given_up(row: Any, image: Any) -> bool:
    was_turned_away = (
        image["code"] == "http_429"
        and image["refusals"] >= TURNED_AWAY
        and image["turned_away_for"] >= TURNED_AWAY_FOR
    )
    return was_turned_away or image["losses"] >= TAKEN_IN_SILENCE or row["failure_code"] is not None


def _of_output(universe: Universe, upload: Upload, row: Any, images: list[Any]) -> list[str]:
    data = universe.store.objects.get(row["output_csv_path"])
    if data is None:
        return ["its output.csv is not in the store"]
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1:]
    told = [url for line in lines for url in line[-1].split(",")]
    kept = [image["output_url"] or "" for image in images]
    if len(lines) != len(upload.products) or told != kept:
        return [f"output.csv says {told}, the tables {kept}"]
    return []


async def _of_webhooks(universe: Universe, people: People) -> AsyncIterator[str]:
    told = _Told.on(universe)
    for each in told.disagreements():
        yield each
    for webhook_id, bodies in universe.receivers.got.items():
        if not set(bodies) <= told.values[webhook_id]:
            yield f"webhook {webhook_id} was posted with other bytes than were told"
    for upload in people.uploads:
        row = await universe.row(upload.id)
        last = 0 if row is None or upload.deleted else row["run"]
        for run in range(1, last + 1):
            if (upload.id, run) not in told.ends:
                yield f"the end of run {run} of {upload.id} was never told"
    for delivery in await universe.pool.fetch("SELECT webhook_id, state FROM deliveries"):
        was_accepted = delivery["webhook_id"] in universe.receivers.accepted
        if (delivery["state"] == "delivered") != was_accepted:
            yield f"webhook {delivery['webhook_id']} is {delivery['state']}; its receiver remembers otherwise"


@dataclass(frozen=True, slots=True)
class _Told:
    """What request.completed said, as a tap would have heard it."""

    values: Mapping[UUID, set[bytes]]  # of each event
    ends: Mapping[tuple[UUID, int], set[UUID]]  # of each run: the events that told its end

    @classmethod
    def on(cls, universe: Universe) -> "_Told":
        values: dict[UUID, set[bytes]] = defaultdict(set)
        ends: dict[tuple[UUID, int], set[UUID]] = defaultdict(set)
        for message in universe.topics.messages(Topic.REQUEST_COMPLETED):
            values[message.id].add(message.value)
            run = json.loads(message.value)["run"]
            ends[message.event.request_id, run].add(message.id)
        return cls(values, ends)

    def disagreements(self) -> Iterable[str]:
        for event_id, values in self.values.items():
            if len(values) > 1:
                yield f"request.completed {event_id} was told with {len(values)} different values"
        for (request_id, run), events in self.ends.items():
            if len(events) > 1:
                yield f"run {run} of {request_id} ended {len(events)} times"
