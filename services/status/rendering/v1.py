"""What /v1 shows of requests, images and deliveries (pure). It knows neither HTTP nor Postgres."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.status.records.database_row import Row
from services.status.records.request import RequestRecord
from services.status.rendering.links import Links
from services.status.rendering.values import Json, progress, shown_state, time_text, webhook_block
from shared.contract.codes import Code, hint_of, known_code, meaning_of
from shared.contract.events import RequestState

_SUMMED = ("requests", "images", "done", "bytes_in", "bytes_out")
SHORTEST_SAMPLE_SECONDS = 0.2  # a rate measured over less says nothing


def v1_request(record: RequestRecord, links: Links, now: datetime) -> Json:
    return v1_summary(record, now) | {
        "failures": [_failure(code, count, links) for code, count in _all_failures(record)],
        "webhook": webhook_block(record),
        "output_csv_url": _output_csv_url(record, links),
        "links": _links(record, links),
    }


def _failure(code: Code, count: int, links: Links) -> Json:
    meaning = meaning_of(code)
    told = {"hint": meaning.hint, "fixer": meaning.fixer, "retryable": meaning.retryable}
    return {"code": code, "count": count, **told, "help_url": links.failure(code)}


def _output_csv_url(record: RequestRecord, links: Links) -> str | None:
    return links.request(record.id, "/output.csv") if record.has_output else None


def v1_summary(record: RequestRecord, now: datetime) -> Json:
    """The request as lists show it; everything in it is on the request's own row."""
    ended = record.done + record.failed + record.cancelled
    return {
        "request_id": str(record.id),
        "run": record.run,
        "state": shown_state(record),
        "status": shown_state(record),
        "progress": progress(record),
        "counts": {
            "products": record.products,
            "images": record.images,
            "done": record.done,
            "failed": record.failed,
            "cancelled": record.cancelled,
            "remaining": max(record.images - ended, 0),
        },
        "filename": record.filename,
        "priority": record.priority,
        "created_at": time_text(record.created_at),
        "completed_at": time_text(record.completed_at),
        "expires_at": time_text(record.expires_at),
        "eta_seconds": eta_seconds(record, now),
        "bytes_in": record.bytes_in,
        "bytes_out": record.bytes_out,
    }


def _all_failures(record: RequestRecord) -> Sequence[tuple[Code, int]]:
    """A request that failed as a whole may have failed before its images had rows."""
    counted = sum(count for _, count in record.failures)
    if record.failure_code is None or counted >= record.failed:
        return record.failures
    return [*record.failures, (record.failure_code, record.failed - counted)]


def _links(record: RequestRecord, links: Links) -> Json:
    parts = {
        "self": "",
        "images": "/images",
        "events": "/events",
        "deliveries": "/deliveries",
        "output_csv": "/output.csv",
        "cancel": "/cancel",
        "retry": "/retry",
    }
    return {name: links.request(record.id, part) for name, part in parts.items()}


def eta_seconds(record: RequestRecord, now: datetime) -> float | None:
    """How long the open images take at the rate of this run so far; None where that cannot be told."""
    ended_in_run = record.done - record.done_before + record.failed - record.failed_before
    if record.ended or record.cancelling or ended_in_run <= 0 or record.run_started_at is None:
        return None
    elapsed_seconds = (now - record.run_started_at).total_seconds()
    if elapsed_seconds < SHORTEST_SAMPLE_SECONDS:
        return None
    left = record.images - record.done - record.failed
    return round(elapsed_seconds / ended_in_run * left, 1)


def v1_usage(rows: Sequence[Row], most_of_a_state: int) -> Json:
    """What a tenant has stored, from its sums by state and day. It is not the whole where some state has more
    requests than are looked at.
    """
    states = {str(state): _summed(rows, "state", state)["requests"] for state in RequestState}
    days = sorted({row["expires_on"] for row in rows if row["expires_on"] is not None})
    return {
        **{name: sum(row[name] for row in rows) for name in _SUMMED},
        "states": states,
        "expiring": [{"on": day.isoformat(), **_summed(rows, "expires_on", day)} for day in days],
        "whole": all(requests < most_of_a_state for requests in states.values()),
    }


def _summed(rows: Sequence[Row], by: str, value: object) -> Json:
    return {name: sum(row[name] for row in rows if row[by] == value) for name in _SUMMED}


def v1_image(row: Row, links: Links) -> Json:
    """One image of the paged list, with all that is known of it."""
    code = row["code"]
    original = row["original_key"]
    return {
        "id": row["id"],
        "product_id": row["product_id"],
        "ordinal": row["ordinal"],
        "same_as": row["same_as"],
        "state": row["state"],
        "input_url": row["input_url"],
        "output_url": row["output_url"],
        "original_url": links.original(original) if original else None,
        "code": code,
        "hint": hint_of(known_code(code), row["detail"]) if code else None,
        "help_url": links.failure(known_code(code)) if code else None,
        "attempts": row["attempt"],
        "bytes_in": row["bytes_in"],
        "bytes_out": row["bytes_out"],
        "width": row["width"],
        "height": row["height"],
        "format": row["format"],
        "ended_at": time_text(row["ended_at"]),
        # Of an image that waits: why its last attempt failed, and the earliest moment of the next.
        "last_code": row["last_code"],
        "next_attempt_at": time_text(row["due_at"]),
    }


def v1_delivery(row: Row, attempts: Iterable[Row]) -> Json:
    """The delivery of one run's end, with every post that was made."""
    return {
        "webhook_id": str(row["webhook_id"]),
        "run": row["run"],
        "state": row["state"],
        "attempts": row["attempts"],
        "next_attempt_at": time_text(row["due_at"]),
        "delivered_at": time_text(row["delivered_at"]),
        "log": [_attempt(attempt) for attempt in attempts],
    }


def _attempt(row: Row) -> Json:
    return {
        "attempt": row["attempt"],
        "outcome": row["outcome"],
        "attempted_at": time_text(row["attempted_at"]),
        "duration_ms": row["duration_ms"],
        "status_code": row["status_code"],
        "error": row["error"],
        "response_excerpt": row["response_excerpt"],
    }
