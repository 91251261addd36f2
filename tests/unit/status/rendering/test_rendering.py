"""What the three spellings say of a request: progress, states and numbers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.status.records.request import ImageRecord, RequestRecord
from services.status.records.states import ImageState
from services.status.rendering.links import Links
from services.status.rendering.spellings import camel_head, product_state, serial_number, snake_head
from services.status.rendering.v1 import eta_seconds, v1_request
from services.status.rendering.values import progress
from services.status.rendering.whole_products import by_product
from shared.contract.codes import FailureCode, http_code
from shared.contract.events import Priority, RequestState

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
RECORD = RequestRecord(
    id=UUID("0193aaaa-0000-7000-8000-000000000000"),
    tenant="local",
    state=RequestState.PROCESSING,
    run=1,
    priority=Priority.NORMAL,
    filename="p.csv",
    created_at=NOW,
    products=1,
    images=4,
    run_started_at=NOW - timedelta(seconds=10),
)


def image(state: str, *, ordinal: int = 0, product: int = 0, started: bool | None = None) -> ImageRecord:
    is_started = state != "planned" if started is None else started
    url = "https://files.example/x.jpg" if state == "done" else None
    return ImageRecord(
        ordinal=ordinal,
        id="i",
        input_url="https://a/x.jpg",
        output_url=url,
        state=ImageState(state),
        started=is_started,
        product_number=product,
        product_id="p",
        serial_number="1",
        product_name="SKU",
    )


@pytest.mark.parametrize(
    ("done", "failed", "images", "shown"),
    [
        (0, 0, 4, 0.0),
        (1, 0, 3, 33.3),
        (1, 1, 3, 66.7),
        (5, 1, 8, 75.0),
        (99_999, 0, 100_000, 99.9),
        (1, 0, 1, 100.0),
    ],
)
def test_progress_has_one_decimal_and_never_rounds_up_to_the_end(
    done: int, failed: int, images: int, shown: float
) -> None:
    """R11"""
    assert progress(replace(RECORD, done=done, failed=failed, images=images)) == shown


@given(
    st.integers(1, 2_000_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(0, n)))
)
def test_progress_never_falls_while_images_end(counts: tuple[int, int, int]) -> None:
    """R11"""
    images, one, other = counts
    earlier, later = sorted((one, other))
    before = progress(replace(RECORD, images=images, done=earlier))
    after = progress(replace(RECORD, images=images, done=later))
    assert 0 <= before <= after <= 100
    assert (after == 100) == (later == images)


@pytest.mark.parametrize("state", ["completed", "failed", "cancelled"])
def test_progress_is_complete_in_every_terminal_state(state: str) -> None:
    """R11"""
    assert progress(replace(RECORD, state=RequestState(state), images=0)) == 100.0
    assert progress(replace(RECORD, state=RequestState(state), done=1)) == 100.0


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["planned", "planned"], "pending"),
        (["requested", "planned"], "processing"),
        (["done", "planned"], "processing"),
        (["failed", "planned"], "processing"),
        (["done", "failed"], "completed"),
        (["done", "cancelled"], "completed"),
        (["failed", "failed"], "failed"),
        (["failed", "cancelled"], "failed"),
        (["cancelled", "cancelled"], "failed"),
    ],
)
def test_a_products_state_follows_from_its_images(states: list[str], expected: str) -> None:
    """R09 R11"""
    assert product_state([image(state) for state in states]) == expected


def test_a_product_whose_only_image_waits_for_its_next_try_is_in_work() -> None:
    assert product_state([image("planned", started=True)]) == "processing"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("007", 7),
        ("+5", 5),
        ("-3", -3),
        ("2.0", 2),
        ("2.5", 2.5),
        ("12345678901234567890123", 12345678901234567890123),
        ("1_000", "1_000"),
        ("inf", "inf"),
        ("٣", "٣"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_a_serial_number_is_a_number_wherever_it_is_one(text: str, number: object) -> None:
    """R04"""
    shown = serial_number(text)
    assert shown == number
    assert type(shown) is type(number)


def test_the_estimate_follows_the_rate_so_far() -> None:
    assert eta_seconds(replace(RECORD, done=1, failed=1), NOW) == 10.0
    # In ten seconds one image of three has ended; the five of the first run came for free.
    assert eta_seconds(replace(RECORD, images=8, run=2, done=6, done_before=5), NOW) == 20.0
    # What stands as it failed is none of this run's work either.
    again = replace(RECORD, images=8, run=2, done=3, done_before=2, failed=3, failed_before=3)
    assert eta_seconds(again, NOW) == 20.0


@pytest.mark.parametrize(
    "record",
    [
        RECORD,
        replace(RECORD, done=1, done_before=1, run=2),
        replace(RECORD, done=1, run_started_at=None),
        replace(RECORD, done=1, run_started_at=NOW),
        replace(RECORD, done=4, state=RequestState.COMPLETED),
    ],
    ids=["nothing ended", "nothing ended in a later run", "not started", "too early", "ended"],
)
def test_there_is_no_estimate_where_nothing_can_be_said(record: RequestRecord) -> None:
    assert eta_seconds(record, NOW) is None


def test_a_request_that_failed_as_a_whole_names_its_reason() -> None:
    record = replace(RECORD, state=RequestState.FAILED, failed=4, failure_code=FailureCode.SOURCE_MISSING)
    record = replace(record, failures=((http_code(404), 1),))
    shown = v1_request(record, Links("https://x"), NOW)
    assert [(each["code"], each["count"], each["fixer"]) for each in shown["failures"]] == [
        ("http_404", 1, "origin"),
        ("source_missing", 3, "operator"),
    ]


def test_without_a_webhook_every_spelling_says_null() -> None:
    assert v1_request(RECORD, Links("https://x"), NOW)["webhook"] is None
    assert snake_head(RECORD)["webhook"] is None
    assert camel_head(RECORD)["webhook"] is None


def test_neighbours_of_one_product_stand_together() -> None:
    images = [image("done", ordinal=n, product=n // 2) for n in range(5)]
    assert [[each.ordinal for each in group] for group in by_product(images)] == [[0, 1], [2, 3], [4]]
