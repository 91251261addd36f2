"""Every statement of the status service at a million images: none reads a large table from end to end, and
none looks at more pages than what it was asked for explains. What asks for images of certain requests looks
into the tables of their periods alone.
"""

import asyncio
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from services.status.postgres.pool import PLANNING
from services.status.postgres.statements import SQL
from services.status.reading.reader import (
    ARCHIVE_PAGE_IMAGES,
    COMPLETIONS_BYTES,
    COUNTED_REQUESTS,
    LOOKED_THROUGH_REQUESTS,
    PAGE_IMAGES,
    PRODUCTS_BYTES,
)
from services.status.records.limits import IMAGE_BYTES, PAGE_BYTES
from services.status.records.periods import WEEK, first_id_of
from shared.contract.events import RequestState
from tests.worlds.postgres.databases import copied_database, new_database
from tests.worlds.postgres.large_tables import BEGAN, ENDED, LARGE, LARGE_DISPATCHED, PERIODS, TENANT, fill

LARGE_TABLES = re.compile(r"(requests|products_\w+|images_\w+|completions|deliveries|attempts)")
IN_PERIODS = re.compile(r"(products|images)_\w+")
WHOLE_REQUEST = re.compile(r"\(request_id = \S+\)")
OF_ALL_REQUESTS = frozenset({"find_candidates", "find_overdue", "find_lost", "renew_images"})
"""By an index of what is in flight, which is small in each period."""
OF_A_WHOLE_REQUEST = {
    "repeats_left",  # all of a request's images that this index holds are wanted
    "old_tombstones",  # whether there is any: the first is enough
}
CHANGES_TABLES = 4_000  # pages of Postgres's own lists
NOW = datetime(2026, 11, 21, tzinfo=UTC)
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
NOBODY = uuid.uuid5(uuid.NAMESPACE_OID, "nobody")
LATER = BEGAN + PERIODS * WEEK
EVERY_SIZE = 2**31 - 1
FEW_PAGES = 150
BATCH = 500  # images of the batch statements
IN_FLIGHT = LARGE_DISPATCHED // BATCH
PAGES_OF_A_BATCH = 40 * BATCH  # each changed image writes to every index; a page is counted at each visit

Arguments = Sequence[object]


def times(count: int, *values: object) -> list[list[object]]:
    return [[value] * count for value in values]


def batch() -> tuple[list[object], list[int]]:
    """The images in flight of the large request come first, which are every 500th."""
    return [LARGE] * BATCH, [500 * number + 2 for number in range(BATCH)]


def _results() -> Arguments:
    return (
        *batch(),
        *times(BATCH, "done", 0, 0, 0, None, None, None, "o", "k", "u", 1, 1, 1, 1, "jpeg", "x"),
        *([LARGE], [1], [1], ['{"http_404": 1}'], [0], [1], [1], [None], [True]),
        *([0], [1], [0.1], [1], [0.1]),
    )


def _set_aside() -> Arguments:
    """Not those in flight: what is left of them in the indexes would count for the statements after this."""
    aside = range(LARGE_DISPATCHED, LARGE_DISPATCHED + IN_FLIGHT)
    images = ([LARGE] * IN_FLIGHT, list(aside), [2.0] * IN_FLIGHT)
    return (*images, 1, [LARGE], [1], [1])


def _accepted() -> Arguments:
    values = (
        *(uuid.uuid4(), TENANT, "normal", "p.csv", "[]", 50, "keep", "", 1, "", "", 0, NOW, 1, 1),
        *(None, None, None),
    )
    return (*([value] for value in values), 60.0)


# What each statement is asked, and how many pages it may visit for it.
ASKED: Mapping[str, tuple[Arguments, int]] = {
    "accept_requests": (_accepted(), FEW_PAGES),
    "left_behind": ((5.0,), FEW_PAGES),
    "find_unplanned": (([NOBODY], EVERY_SIZE, ""), FEW_PAGES),
    "planning": ((LARGE,), FEW_PAGES),
    "lock_planning": ((LARGE,), FEW_PAGES),
    "advance_planning": ((LARGE, 0, 0, 0, 0, 0, "{}", False), FEW_PAGES),
    "fail_request": ((LARGE, "internal"), FEW_PAGES),
    "pass_deadlines": (("expired",), FEW_PAGES),
    "lock_requests": (([LARGE, ENDED],), FEW_PAGES),
    "images_of_results": ((*batch(), 120.0), PAGES_OF_A_BATCH),
    "write_results": (_results(), PAGES_OF_A_BATCH),
    "end_repeats": ((*batch(), [1] * BATCH, [0] * BATCH, 2), PAGES_OF_A_BATCH),
    "note_repeats": ((*batch(), [1] * BATCH), PAGES_OF_A_BATCH),
    "find_repeats_left": (([NOBODY], EVERY_SIZE, ""), FEW_PAGES),
    "repeats_left": ((LARGE, 20), FEW_PAGES),
    "images_left": ((), FEW_PAGES),
    "has_open_requests": ((), FEW_PAGES),
    "find_candidates": ((BATCH, 60.0, [1]), 2 * BATCH + FEW_PAGES),
    "lock_for_dispatch": (([LARGE],), FEW_PAGES),
    "claim_images": (([LARGE], [250], [250], 5_000, 120.0), PAGES_OF_A_BATCH),
    "set_aside_images": (_set_aside(), PAGES_OF_A_BATCH),
    "call_back_images": (batch(), PAGES_OF_A_BATCH),
    "read_asked": ((*batch(), [1] * BATCH, ["timed_out"], ["http_429"]), PAGES_OF_A_BATCH),
    "find_overdue": ((60.0,), PAGES_OF_A_BATCH),
    "delete_batch": ((1,), FEW_PAGES),
    "release_batch": ((1,), FEW_PAGES),
    "claim_due_batch": ((15.0,), FEW_PAGES),
    "renew_images": ((*batch(), [1] * BATCH, 120.0), PAGES_OF_A_BATCH),
    "seconds_since_answer": ((), FEW_PAGES),
    "find_lost": ((180.0,), PAGES_OF_A_BATCH),
    "find_ending": (([NOBODY], EVERY_SIZE, ""), FEW_PAGES),
    "ending_request": ((LARGE,), FEW_PAGES),
    "product_page": ((LARGE, 30_000, BATCH, PAGE_BYTES, IMAGE_BYTES, False), 8 * BATCH),
    "ended_image_page": ((LARGE, 100_000, 100_000 + BATCH), PAGES_OF_A_BATCH),
    "lock_completions": ((), FEW_PAGES),
    "end_run": ((LARGE, 1, "completed", NOW, 0, 0, "k", None), FEW_PAGES),
    "recall_images": ((LARGE,), PAGES_OF_A_BATCH),
    "insert_completion": ((NOBODY, LARGE, TENANT, 1, NOW, "{}"), FEW_PAGES),
    "insert_delivery": ((NOBODY, ENDED, 2, 0.0), FEW_PAGES),
    "claim_completions": ((15.0, 20), FEW_PAGES),
    "mark_completions": (([1],), FEW_PAGES),
    "release_completions": (([1],), FEW_PAGES),
    "lock_deliveries": (([ENDED],), FEW_PAGES),
    "insert_attempts": (([ENDED], [9], ["failed"], [NOW], [1.0], [500], [None], [None]), FEW_PAGES),
    "settle_deliveries": (([ENDED], ["delivered"], [1], [1], [None], [False]), FEW_PAGES),
    "claim_due_deliveries": ((15.0, 20), FEW_PAGES),
    "next_due_delivery": ((), FEW_PAGES),
    "mark_deliveries_asked": (([ENDED], [NOW]), FEW_PAGES),
    "find_unanswered_deliveries": ((60.0,), FEW_PAGES),
    "ask_unanswered_deliveries": (([ENDED], [NOW]), FEW_PAGES),
    "release_deliveries": (([ENDED], [NOW]), FEW_PAGES),
    "lock_owned": ((LARGE, TENANT), FEW_PAGES),
    "request_cancel": ((LARGE, 5_000), FEW_PAGES),
    "start_run": ((ENDED, 60.0, 3, '{"http_404": 3}', '{"http_404": 1}'), FEW_PAGES),
    "bury_request": ((ENDED,), FEW_PAGES),
    "ask_delivery_again": ((ENDED,), FEW_PAGES),
    "delivery_of_run": ((ENDED, 1), FEW_PAGES),
    "periods": ((), FEW_PAGES),
    "make_period": (("later", first_id_of(LATER), first_id_of(LATER + WEEK)), CHANGES_TABLES),
    "past_periods": ((ENDED,), FEW_PAGES),
    "drop_period": (("0",), CHANGES_TABLES),
    "bury_expired": ((), FEW_PAGES),
    "find_unpurged": (([NOBODY], EVERY_SIZE), FEW_PAGES),
    "delete_images": ((LARGE, 0, BATCH), PAGES_OF_A_BATCH),
    "delete_products": ((LARGE, 0, BATCH), PAGES_OF_A_BATCH),
    "planned_rows": ((LARGE,), FEW_PAGES),
    "mark_purged": ((ENDED,), FEW_PAGES),
    "find_unswept": (([NOBODY], EVERY_SIZE), FEW_PAGES),
    "claim_sweep": ((ENDED, 60.0), FEW_PAGES),
    "release_sweep": ((ENDED,), FEW_PAGES),
    "named_files": ((LARGE, list(range(BATCH))), PAGES_OF_A_BATCH),
    "count_named_files": ((ENDED,), FEW_PAGES),
    "mark_swept": ((ENDED,), FEW_PAGES),
    "has_marks": ((), FEW_PAGES),
    "knows_mark": ((NOBODY,), FEW_PAGES),
    "note_mark": ((NOBODY,), FEW_PAGES),
    "forget_marks": ((BATCH,), FEW_PAGES),
    "known_requests": (([LARGE, ENDED, NOBODY],), FEW_PAGES),
    "count_stuck": ((60.0,), FEW_PAGES),
    "old_tombstones": ((60.0,), FEW_PAGES),
    "forget_tombstone": ((NOBODY,), FEW_PAGES),
    "backlog": ((), 2 * FEW_PAGES),
    "requests_by_id": (([LARGE, ENDED],), FEW_PAGES),
    # A request is a page of its own here, as nothing else of its tenant lies beside it.
    "requests_found": (
        (TENANT, END_OF_TIME, NOBODY, list(RequestState), LOOKED_THROUGH_REQUESTS, "catalogue", 100),
        2 * LOOKED_THROUGH_REQUESTS,
    ),
    "usage_of_tenant": ((TENANT, list(RequestState), COUNTED_REQUESTS), 2 * COUNTED_REQUESTS),
    "requests_of_tenant": ((TENANT, END_OF_TIME, NOBODY, list(RequestState), 100), 20 * FEW_PAGES),
    "image_page": ((LARGE, 100_000, 100_000 + PAGE_IMAGES, PAGE_BYTES, IMAGE_BYTES), 10 * PAGE_IMAGES),
    "archive_page": ((LARGE, 100_000, 100_000 + ARCHIVE_PAGE_IMAGES), 8 * ARCHIVE_PAGE_IMAGES),
    "ended_images": ((LARGE, 100_000, 100_000 + PAGE_IMAGES, "failed"), 10 * PAGE_IMAGES),
    "columns": ((LARGE,), FEW_PAGES),
    "products": ((LARGE, list(range(PAGE_IMAGES)), PRODUCTS_BYTES, PAGE_BYTES, False), 20 * PAGE_IMAGES),
    "images": ((LARGE, 100_000, 100), 10 * FEW_PAGES),
    "images_in_state": ((LARGE, 100_000, "requested", 100), 10 * FEW_PAGES),
    "deliveries": ((ENDED, 1, 100), FEW_PAGES),
    "attempts": (([ENDED],), FEW_PAGES),
    "completion": ((ENDED, 1), FEW_PAGES),
    "completions_after": ((TENANT, 0, 100, COMPLETIONS_BYTES), 12 * FEW_PAGES),
    "completion_sequence": ((ENDED, TENANT), FEW_PAGES),
}


@pytest.fixture(scope="module")
def large_database(postgres: str) -> str:
    dsn = new_database(postgres)
    asyncio.run(fill(dsn))
    return dsn


@pytest.fixture(scope="module")
def empty_database(postgres: str) -> str:
    return new_database(postgres)


@pytest.fixture(scope="module")
def analyzed_database(large_database: str) -> str:
    dsn = copied_database(large_database)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ANALYZE")
    return dsn


@pytest.fixture(params=["large_database", "analyzed_database"], ids=["before", "after"])
def database(request: pytest.FixtureRequest) -> str:
    """Before and after Postgres knows how the rows are spread; right after planning it does not."""
    dsn: str = request.getfixturevalue(request.param)
    return dsn


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def read_row_by_row(plan: Mapping[str, Any]) -> list[str]:
    """The large tables that some part of the plan reads from end to end."""
    scans = [node for node in nodes(plan) if node["Node Type"] == "Seq Scan"]
    return [node["Relation Name"] for node in scans if LARGE_TABLES.fullmatch(node["Relation Name"])]


def looked_into(plan: Mapping[str, Any]) -> set[str]:
    """The tables of periods that were read or written."""
    ran = [node for node in nodes(plan) if node["Actual Loops"] and "Relation Name" in node]
    return {node["Relation Name"] for node in ran if IN_PERIODS.fullmatch(node["Relation Name"])}


def plan_as_status_does(connection: psycopg.Connection[Any]) -> None:
    for setting, value in PLANNING.items():
        connection.execute(f"SET {setting} = {value}".encode())


def explained(database: str, name: str, arguments: Arguments) -> Mapping[str, Any]:
    """What the statement did, by the plan for any arguments as status has it, which is taken back."""
    places = f"({', '.join(['%s'] * len(arguments))})" if arguments else ""
    asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE asked {places}"
    with psycopg.connect(database, cursor_factory=psycopg.ClientCursor) as connection:
        plan_as_status_does(connection)
        connection.execute(f"PREPARE asked AS {SQL[name]}".encode())
        ((answer,),) = connection.execute(asked.encode(), arguments)
        connection.rollback()
    plan: Mapping[str, Any] = answer[0]["Plan"]
    return plan


def plan_for_any_arguments(database: str, name: str) -> Mapping[str, Any]:
    with psycopg.connect(database) as connection:
        plan_as_status_does(connection)
        asked = f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {SQL[name]}"
        ((answer,),) = connection.execute(asked.encode())
    plan: Mapping[str, Any] = answer[0]["Plan"]
    return plan


def pages_of(plan: Mapping[str, Any]) -> int:
    pages: int = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return pages


def test_every_statement_is_asked_here() -> None:
    assert set(ASKED) == set(SQL)


@pytest.mark.parametrize("name", ASKED)
def test_no_statement_looks_at_more_than_it_must(database: str, name: str) -> None:
    """R13"""
    arguments, most_pages = ASKED[name]
    plan = explained(database, name, arguments)
    if pages_of(plan) > most_pages:  # the first look clears away what others changed here and took back
        plan = explained(database, name, arguments)
    assert not read_row_by_row(plan), plan
    assert pages_of(plan) <= most_pages, plan


@pytest.mark.parametrize("name", sorted(set(ASKED) - OF_ALL_REQUESTS))
def test_a_statement_looks_into_the_periods_of_its_requests_alone(analyzed_database: str, name: str) -> None:
    """R13: of six periods. Each asks for requests of one."""
    arguments, _ = ASKED[name]
    tables = looked_into(explained(analyzed_database, name, arguments))
    assert len({table.partition("_")[2] for table in tables}) <= 1


def test_a_list_of_one_state_does_not_walk_a_history_of_others(database: str) -> None:
    """R13: 400 requests ended well, and none was cancelled."""
    plan = explained(database, "requests_of_tenant", (TENANT, END_OF_TIME, NOBODY, ["cancelled"], 100))
    assert pages_of(plan) <= FEW_PAGES // 10, plan


@pytest.mark.parametrize("name", ASKED)
def test_no_plan_for_any_arguments_reads_a_large_table(database: str, name: str) -> None:
    """R13: a connection that has run a statement five times may plan it once for all."""
    plan = plan_for_any_arguments(database, name)
    assert not read_row_by_row(plan), plan


@pytest.mark.parametrize("name", sorted(set(ASKED) - OF_A_WHOLE_REQUEST))
def test_a_plan_from_before_there_were_rows_looks_for_what_is_asked(empty_database: str, name: str) -> None:
    """R13: it is used for minutes after that. No part of it reads all that a request has."""
    plan = plan_for_any_arguments(empty_database, name)
    looks = [node for node in nodes(plan) if IN_PERIODS.fullmatch(node.get("Relation Name", ""))]
    assert not [look for look in looks if WHOLE_REQUEST.fullmatch(look.get("Index Cond", ""))]


@pytest.mark.parametrize("known", ["empty_database", "large_database", "analyzed_database"])
@pytest.mark.parametrize("name", ASKED)
def test_no_plan_leaves_what_has_ended_in_the_way_of_the_next_look(
    request: pytest.FixtureRequest, known: str, name: str
) -> None:
    """R13: an index scan marks what it finds dead, and the next passes over it. A bitmap scan does not."""
    plan = plan_for_any_arguments(request.getfixturevalue(known), name)
    assert not [node for node in nodes(plan) if node["Node Type"] == "Bitmap Heap Scan"]
