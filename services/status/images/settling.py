"""Writes what results mean for images and requests, whether they came, were lost, or were reported."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.status.images.rules import ImageNow, Result, judge
from services.status.images.window import TAKE_BY_SECONDS
from services.status.postgres.pool import Connection
from services.status.postgres.statements import SQL
from services.status.records.states import ENDED_IMAGES, ImageState
from services.status.rendering.links import Links

ImageKey = tuple[UUID, int]
MAX_DETAIL_CHARACTERS = 500


@dataclass(slots=True)
class Counts:
    """What changes on one request's row."""

    done: int = 0
    failed: int = 0
    landed: int = 0  # no longer in flight
    bytes_in: int = 0
    bytes_out: int = 0
    due_in_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    changed: bool
    ending: bool  # the run of at least one request has nothing left to do
    out_seconds: Sequence[float] = ()  # of each image that is done now: since it was asked for


async def settle(connection: Connection, results: Sequence[Result], links: Links) -> Settled:
    """Judges results in their order and writes what stands. The caller's transaction is around it."""
    requests = await _lock(connection, {result.request_id for result in results})
    relevant = [each for each in results if (row := requests.get(each.request_id)) and each.run == row["run"]]
    rows = await _read(connection, {(each.request_id, each.ordinal) for each in relevant})
    before = {key: _image_now(row) for key, row in rows.items()}
    after, standing = _judge_all(before, relevant)
    if not standing:
        return Settled(changed=False, ending=False)
    await connection.execute(SQL["settle_images"], *_columns(after, standing, links))
    counts = _count(before, after, standing)
    await _end_repeats(connection, requests, after, standing, counts)
    counted = await connection.fetch(SQL["count_results"], *_count_columns(counts))
    out_seconds = [rows[key]["out_seconds"] for key in standing if _came_in_time(before[key], after[key])]
    return Settled(True, any(row["ending"] for row in counted), out_seconds)


async def _lock(connection: Connection, request_ids: Iterable[UUID]) -> dict[UUID, Any]:
    rows = await connection.fetch(SQL["lock_requests"], sorted(request_ids))
    return {row["id"]: row for row in rows if not row["closed"]}


async def _read(connection: Connection, keys: Iterable[ImageKey]) -> dict[ImageKey, Any]:
    wanted = sorted(keys)
    if not wanted:
        return {}
    request_ids, ordinals = zip(*wanted, strict=True)
    rows = await connection.fetch(SQL["images_of_results"], request_ids, ordinals, TAKE_BY_SECONDS)
    return {(row["request_id"], row["ordinal"]): row for row in rows}


def _image_now(row: Any) -> ImageNow:
    return ImageNow(ImageState(row["state"]), row["run"], row["attempt"], row["failures"], row["losses"])


def _came_in_time(before: ImageNow, after: ImageNow) -> bool:
    return before.state is ImageState.REQUESTED and after.state is ImageState.DONE


def _judge_all(
    before: Mapping[ImageKey, ImageNow], results: Sequence[Result]
) -> tuple[dict[ImageKey, ImageNow], dict[ImageKey, Result]]:
    """Every image after its results, and the last result that changed it."""
    after = dict(before)
    standing: dict[ImageKey, Result] = {}
    for result in results:
        key = (result.request_id, result.ordinal)
        if key not in after:
            continue  # deleted meanwhile
        judged = judge(after[key], result, result.run)
        if judged is not after[key]:
            after[key], standing[key] = judged, result
    return after, standing


def _columns(
    after: Mapping[ImageKey, ImageNow], standing: Mapping[ImageKey, Result], links: Links
) -> Iterable[tuple[object, ...]]:
    return zip(*(_row(key, after[key], result, links) for key, result in standing.items()), strict=True)


def _row(key: ImageKey, image: ImageNow, result: Result, links: Links) -> tuple[object, ...]:
    head = (*key, image.state.value, image.failures, image.losses, image.code)
    event = result.event
    if event is None or image.state is not ImageState.DONE:
        return (
            *head,
            _detail(result),
            image.due_in_seconds,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
        )
    assert event.output_key is not None  # noqa: S101 - held by result_of
    return (
        *head,
        None,
        None,
        event.original_key,
        event.output_key,
        links.output(event.output_key),
        event.bytes_in,
        event.bytes_out,
        event.width,
        event.height,
        event.format,
        event.sha256,
    )


def _detail(result: Result) -> str | None:
    if result.event is None or result.event.detail is None:
        return None
    return result.event.detail.replace("\x00", "")[:MAX_DETAIL_CHARACTERS]  # Postgres holds no NUL


def _count(
    before: Mapping[ImageKey, ImageNow],
    after: Mapping[ImageKey, ImageNow],
    standing: Mapping[ImageKey, Result],
) -> dict[UUID, Counts]:
    counts: dict[UUID, Counts] = defaultdict(Counts)
    for key, result in standing.items():
        count, image = counts[key[0]], after[key]
        count.landed += before[key].state is ImageState.REQUESTED
        count.done += image.state is ImageState.DONE
        count.failed += image.state is ImageState.FAILED
        if image.state is ImageState.DONE and result.event is not None:
            count.bytes_in += result.event.bytes_in
            count.bytes_out += result.event.bytes_out
        if image.state is ImageState.PLANNED and image.due_in_seconds is not None:
            count.due_in_seconds = min(image.due_in_seconds, count.due_in_seconds or image.due_in_seconds)
    return counts


async def _end_repeats(
    connection: Connection,
    requests: Mapping[UUID, Any],
    after: Mapping[ImageKey, ImageNow],
    standing: Mapping[ImageKey, Result],
    counts: Mapping[UUID, Counts],
) -> None:
    firsts = [
        (*key, after[key].run)
        for key in standing
        if after[key].state in ENDED_IMAGES and requests[key[0]]["has_repeats"]
    ]
    if not firsts:
        return
    for row in await connection.fetch(SQL["end_repeats"], *zip(*firsts, strict=True)):
        counts[row["request_id"]].done += row["state"] == ImageState.DONE
        counts[row["request_id"]].failed += row["state"] == ImageState.FAILED


def _count_columns(counts: Mapping[UUID, Counts]) -> Iterable[tuple[object, ...]]:
    rows = (
        (key, each.done, each.failed, each.landed, each.bytes_in, each.bytes_out, each.due_in_seconds)
        for key, each in counts.items()
    )
    return zip(*rows, strict=True)
