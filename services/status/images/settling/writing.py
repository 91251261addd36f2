"""What results change, and the one statement that writes it: rows of images, of their requests, and of the
partition they came by. It judges nothing.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from services.status.images.settling.request_counts import RequestCounts
from services.status.postgres.columns import columns
from services.status.postgres.pool import Connection
from services.status.postgres.statements import SQL
from services.status.records.states import ImageState
from shared.contract.codes import Code


class SettledImage(NamedTuple):
    """An image after a result: a row of `write_results`."""

    request_id: UUID
    ordinal: int
    state: ImageState
    failures: int
    losses: int
    refusals: int
    code: Code | None
    detail: str | None = None
    due_in_seconds: float | None = None
    original_key: str | None = None
    output_key: str | None = None
    output_url: str | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
    width: int | None = None
    height: int | None = None
    format: str | None = None
    sha256: str | None = None


class Answers(NamedTuple):
    """What results add to the answers of the partition they came by: a row of `write_results`."""

    partition: int
    images: int
    work_seconds: float
    succeeded: int = 0
    out_seconds: float = 0.0


class RequestLeft(NamedTuple):
    """What a request has left after its results, as `write_results` tells it."""

    id: UUID
    ending: bool
    in_flight: int
    images: int


async def write_results(
    connection: Connection,
    *,
    images: Sequence[SettledImage] = (),
    counts: Iterable[RequestCounts] = (),
    answers: Answers | None = None,
) -> Sequence[RequestLeft]:
    """The caller's transaction holds the rows of the requests."""
    of_images = columns(SettledImage, images)
    of_requests = columns(RequestCounts, [each.row() for each in counts])
    of_partition = columns(Answers, [] if answers is None else [answers])
    rows = await connection.fetch(SQL["write_results"], *of_images, *of_requests, *of_partition)
    return [RequestLeft(*row) for row in rows]
