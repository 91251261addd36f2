"""What a row is called where it is made is what its statement calls the columns, in the same order."""

import re
from dataclasses import fields, is_dataclass

import pytest

from services.status.images.dispatching.dispatch_memory import OpenRequest
from services.status.images.settling.repeats import First, RepeatsLeft
from services.status.images.settling.request_counts import RequestCounts
from services.status.images.settling.writing import Answers, SettledImage
from services.status.postgres.statements import SQL
from services.status.requests.csv_accepted import AcceptedRequest
from services.status.requests.ending import NewCompletion
from services.status.webhooks.webhook_attempted import Attempt, SettledDelivery

ALIASES = re.compile(r"\bAS (?:w|a|c) \(([^)]*)\)")
INSERTED = re.compile(r"\bINSERT INTO \w+(?: AS \w+)? \(([^)]*)\)")
UNNESTED = re.compile(r"\)\s+AS (?:c|w|n) \(([^)]*)\)")
SELECTED = re.compile(r"\bSELECT (l\.id.*?),\s+a\.images.*?\nFROM", re.DOTALL)


def columns(statement: str, pattern: re.Pattern[str]) -> list[str]:
    (listed,) = pattern.findall(SQL[statement])
    without_calls = re.sub(r"\([^)]*\)", "", " ".join(listed.split()))
    return [re.split(r"[ .]", each)[-1] for each in without_calls.split(", ")]


def named(row: type) -> list[str]:
    return [each.name for each in fields(row)] if is_dataclass(row) else [*getattr(row, "_fields")]  # noqa: B009


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("accept_requests", AcceptedRequest),
        ("end_repeats", First),
        ("note_repeats", RepeatsLeft),
        ("settle_deliveries", SettledDelivery),
    ],
)
def test_rows_that_a_statement_unnests_have_its_names(statement: str, row: type) -> None:
    assert columns(statement, ALIASES) == named(row)


@pytest.mark.parametrize(
    ("statement", "row"), [("insert_attempts", Attempt), ("insert_completion", NewCompletion)]
)
def test_rows_that_a_statement_inserts_have_its_names(statement: str, row: type) -> None:
    assert columns(statement, INSERTED) == named(row)


def test_what_results_change_has_the_names_of_its_rows() -> None:
    unnested = [re.findall(r"\w+", listed) for listed in UNNESTED.findall(SQL["write_results"])]
    assert unnested == [named(row) for row in (SettledImage, Answers, RequestCounts)]


def test_an_open_request_is_read_by_its_columns() -> None:
    assert sorted(columns("find_candidates", SELECTED)) == sorted(named(OpenRequest))
