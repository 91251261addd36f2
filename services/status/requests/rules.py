"""How a run ends (pure): what becomes of the images that are still open, and of the request."""

from dataclasses import replace
from datetime import datetime

from services.status.records.request import RequestRecord
from shared.contract.events import RequestState
from shared.contract.keys import output_csv_key


def ended_record(record: RequestRecord, ended_at: datetime) -> RequestRecord:
    """The request as it will be. What is still open counts as failed when the request failed as a whole, and
    else as cancelled. A cancelled run has no file, so that it ends soon at any size.
    """
    left = record.images - record.done - record.failed
    is_failed = record.failure_code is not None
    failed, cancelled = (record.failed + left, 0) if is_failed else (record.failed, left)
    state = _state(record, cancelled, is_failed=is_failed)
    has_file = not record.deleted and state is not RequestState.CANCELLED
    return replace(
        record,
        state=state,
        failed=failed,
        cancelled=cancelled,
        completed_at=ended_at,
        output_csv_path=output_csv_key(record.id, record.run) if has_file else None,
    )


def _state(record: RequestRecord, cancelled: int, *, is_failed: bool) -> RequestState:
    if cancelled:
        return RequestState.CANCELLED
    has_success = record.done > 0 or (record.images == 0 and not is_failed)
    return RequestState.COMPLETED if has_success else RequestState.FAILED
