"""Writes what results mean for images and requests, whether they came, were lost, or were reported."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from services.status.images.rules import ImageNow, Result, judge
from services.status.images.settling.repeats import First, end_repeats, note_repeats
from services.status.images.settling.request_counts import RequestCounts
from services.status.images.settling.writing import Answers, RequestLeft, SettledImage, write_results
from services.status.images.window import TAKE_BY_SECONDS
from services.status.jobs.wakes import Work
from services.status.postgres.pool import Connection
from services.status.postgres.statements import SQL
from services.status.postgres.text import storable
from services.status.records.database_row import Row
from services.status.records.states import ENDED_IMAGES, ImageState
from services.status.rendering.links import Links

MAX_DETAIL_CHARACTERS = 500

RowKey = tuple[UUID, int]  # of an image: its request and its ordinal


@dataclass(frozen=True, slots=True)
class Settled:
    changed: bool
    has_repeats_left: bool = False  # which end in steps
    requests: Sequence[RequestLeft] = ()

    @property
    def ending(self) -> bool:
        """Whether the run of at least one request has nothing left to do."""
        return any(each.ending for each in self.requests)

    def calls(self) -> Sequence[Work]:
        """What there is to do now."""
        wanted = {Work.COMPLETE: self.ending, Work.REPEATS: self.has_repeats_left}
        return [work for work, is_wanted in wanted.items() if is_wanted]


async def settle(
    connection: Connection, results: Sequence[Result], links: Links, answers: Answers | None = None
) -> Settled:
    """Judges results in their order and writes what stands. The caller's transaction is around it."""
    requests = await _lock(connection, {result.request_id for result in results})
    relevant = [each for each in results if (row := requests.get(each.request_id)) and each.run == row["run"]]
    rows = await _read(connection, {(each.request_id, each.ordinal) for each in relevant})
    judged = _judge_all({key: _image_now(row) for key, row in rows.items()}, relevant)
    images = [_settled_image(key, judged.after[key], each, links) for key, each in judged.standing.items()]
    counts = _count(judged)
    has_repeats_left = False
    if firsts := _firsts_of_repeats(judged, requests):
        await write_results(connection, images=images)  # before their repeats, which end as they did
        images = []
        has_repeats_left = await _end_repeats(connection, firsts, counts)
    if answers is not None:
        answers = _with_successes(answers, judged, rows)
    left: Sequence[RequestLeft] = ()
    if counts or answers is not None:
        left = await write_results(connection, images=images, counts=counts.values(), answers=answers)
    return Settled(changed=bool(judged.standing), has_repeats_left=has_repeats_left, requests=left)


@dataclass(frozen=True, slots=True)
class _Judged:
    """Images before and after their results."""

    before: Mapping[RowKey, ImageNow]
    after: Mapping[RowKey, ImageNow]
    standing: Mapping[RowKey, Result]  # of each image that changed, the last result that changed it


async def _lock(connection: Connection, request_ids: Iterable[UUID]) -> dict[UUID, Row]:
    rows = await connection.fetch(SQL["lock_requests"], sorted(request_ids))
    return {row["id"]: row for row in rows if not row["closed"]}


async def _read(connection: Connection, keys: Iterable[RowKey]) -> dict[RowKey, Row]:
    wanted = sorted(keys)
    if not wanted:
        return {}
    request_ids, ordinals = zip(*wanted, strict=True)
    rows = await connection.fetch(SQL["images_of_results"], request_ids, ordinals, TAKE_BY_SECONDS)
    return {(row["request_id"], row["ordinal"]): row for row in rows}


async def _end_repeats(
    connection: Connection, firsts: Sequence[First], counts: Mapping[UUID, RequestCounts]
) -> bool:
    """Says whether some are left, which end in steps."""
    left = await end_repeats(connection, firsts, counts)
    await note_repeats(connection, left)
    for each in left:
        counts[each.request_id].repeats_left = True
    return bool(left)


def _image_now(row: Row) -> ImageNow:
    return ImageNow(
        state=ImageState(row["state"]),
        run=row["run"],
        attempt=row["attempt"],
        failures=row["failures"],
        losses=row["losses"],
        refusals=row["refusals"],
        refused_seconds=row["refused_seconds"],
    )


def _judge_all(before: Mapping[RowKey, ImageNow], results: Sequence[Result]) -> _Judged:
    after = dict(before)
    standing: dict[RowKey, Result] = {}
    for result in results:
        key = (result.request_id, result.ordinal)
        if key not in after:
            continue  # deleted meanwhile
        judged = judge(after[key], result, result.run)
        if judged is not after[key]:
            after[key], standing[key] = judged, result
    return _Judged(before, after, standing)


def _firsts_of_repeats(judged: _Judged, requests: Mapping[UUID, Row]) -> Sequence[First]:
    """The images that have ended and whose URL others may repeat."""
    ended = [key for key in judged.standing if judged.after[key].state in ENDED_IMAGES]
    return [First(*key, judged.after[key].run) for key in ended if requests[key[0]]["has_repeats"]]


def _with_successes(answers: Answers, judged: _Judged, rows: Mapping[RowKey, Row]) -> Answers:
    """What came while its image was out tells how long images that end well are."""
    out_seconds = [
        rows[key]["out_seconds"]
        for key in judged.standing
        if judged.before[key].state is ImageState.REQUESTED and judged.after[key].state is ImageState.DONE
    ]
    return answers._replace(succeeded=len(out_seconds), out_seconds=sum(out_seconds))


def _settled_image(key: RowKey, image: ImageNow, result: Result, links: Links) -> SettledImage:
    judged = (*key, image.state, image.failures, image.losses, image.refusals, image.code)
    event = result.event
    if event is None or image.state is not ImageState.DONE:
        return SettledImage(*judged, detail=_detail(result), due_in_seconds=image.due_in_seconds)
    assert event.output_key is not None  # noqa: S101 - held by result_of
    return SettledImage(
        *judged,
        original_key=event.original_key,
        output_key=event.output_key,
        output_url=links.output(event.output_key),
        bytes_in=event.bytes_in,
        bytes_out=event.bytes_out,
        width=event.width,
        height=event.height,
        format=event.format,
        sha256=event.sha256,
    )


def _detail(result: Result) -> str | None:
    if result.event is None or result.event.detail is None:
        return None
    return storable(result.event.detail)[:MAX_DETAIL_CHARACTERS]


def _count(judged: _Judged) -> dict[UUID, RequestCounts]:
    counts = {request_id: RequestCounts(request_id=request_id) for request_id, _ in judged.standing}
    for key, result in judged.standing.items():
        count, image = counts[key[0]], judged.after[key]
        count.landed += judged.before[key].state is ImageState.REQUESTED
        match image.state:
            case ImageState.DONE:
                _count_done(count, result)
            case ImageState.FAILED:
                count.add_failures(image.code)
            case ImageState.PLANNED:
                _count_due(count, image)
            case ImageState.REQUESTED | ImageState.CANCELLED:
                raise AssertionError("no result leaves an image like this")
            case _:
                assert_never(image.state)
    return counts


def _count_done(count: RequestCounts, result: Result) -> None:
    count.done += 1
    if result.event is not None:
        count.bytes_in += result.event.bytes_in
        count.bytes_out += result.event.bytes_out


def _count_due(count: RequestCounts, image: ImageNow) -> None:
    due = [each for each in (count.due_in_seconds, image.due_in_seconds) if each is not None]
    count.due_in_seconds = min(due, default=None)
