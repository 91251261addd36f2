"""How a run ends: by what is done, what failed, and what is still open."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.status.records.request import RequestRecord
from services.status.requests.rules import ended_record
from shared.contract.codes import FailureCode
from shared.contract.events import Priority, RequestState

BEGAN = datetime(2026, 11, 20, 10, tzinfo=UTC)
ENDED = datetime(2026, 11, 20, 11, tzinfo=UTC)
RECORD = RequestRecord(
    id=uuid.UUID(int=1),
    tenant="a",
    state=RequestState.PROCESSING,
    run=2,
    priority=Priority.NORMAL,
    filename="p.csv",
    created_at=BEGAN,
    products=1,
    images=3,
)
WHOLE = FailureCode.EXPIRED


@pytest.mark.parametrize(
    ("done", "failed", "code", "state", "ended"),
    [
        (3, 0, None, RequestState.COMPLETED, (3, 0, 0)),
        (1, 2, None, RequestState.COMPLETED, (1, 2, 0)),
        (0, 3, None, RequestState.FAILED, (0, 3, 0)),
        (1, 1, None, RequestState.CANCELLED, (1, 1, 1)),
        (0, 0, None, RequestState.CANCELLED, (0, 0, 3)),
        (1, 1, WHOLE, RequestState.COMPLETED, (1, 2, 0)),
        (0, 0, WHOLE, RequestState.FAILED, (0, 3, 0)),
        (3, 0, WHOLE, RequestState.COMPLETED, (3, 0, 0)),
    ],
)
def test_what_is_open_fails_with_its_request_and_is_cancelled_otherwise(
    done: int, failed: int, code: FailureCode | None, state: RequestState, ended: tuple[int, int, int]
) -> None:
    """R10"""
    record = ended_record(replace(RECORD, done=done, failed=failed, failure_code=code), ENDED)
    assert (record.state, record.completed_at) == (state, ENDED)
    assert (record.done, record.failed, record.cancelled) == ended


@pytest.mark.parametrize(("code", "state"), [(None, RequestState.COMPLETED), (WHOLE, RequestState.FAILED)])
def test_a_request_without_images_is_done_unless_it_failed_as_a_whole(
    code: FailureCode | None, state: RequestState
) -> None:
    assert ended_record(replace(RECORD, images=0, failure_code=code), ENDED).state is state


def test_a_run_that_was_not_cancelled_gets_a_file_and_a_deleted_request_no_output() -> None:
    whole = replace(RECORD, done=RECORD.images - RECORD.failed)
    assert ended_record(whole, ENDED).output_csv_path == f"requests/{RECORD.id}/output-2.csv"
    cancelled = ended_record(RECORD, ENDED)
    assert (cancelled.state, cancelled.output_csv_path, cancelled.has_output) == ("cancelled", None, True)
    for record in (whole, RECORD):
        deleted = ended_record(replace(record, deleted=True), ENDED)
        assert (deleted.output_csv_path, deleted.has_output) == (None, False)
