"""Cursors, entity tags, ids and the JSON that is written in pieces."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from services.status.api.answers.json_answers import cursor_of, entity_tag, is_known, parse_cursor
from services.status.api.spellings import Spelling, _streamed
from services.status.postgres.statements import SQL, load
from services.status.reading.lookup import is_young, parse_request_id
from services.status.records.request import ImageRecord, RequestRecord
from services.status.records.states import ImageState
from services.status.rendering.values import Json
from services.status.rendering.whole_products import whole_products
from shared.contract.events import Priority, RequestState
from shared.web.problems import Problem

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
RECORD = RequestRecord(
    id=uuid4(),
    tenant="local",
    state=RequestState.PENDING,
    run=1,
    priority=Priority.NORMAL,
    filename="p.csv",
    created_at=NOW,
    products=1,
    images=1,
)


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_cursor_comes_back_as_it_was(moment: datetime, request_id: UUID) -> None:
    assert parse_cursor(cursor_of(moment, request_id)) == (moment, request_id)


@given(st.text())
def test_any_other_cursor_is_a_problem_and_no_crash(text: str) -> None:
    with pytest.raises(Problem):
        parse_cursor(text)


def asking(*tags: str) -> Request:
    return Request({"type": "http", "headers": [(b"if-none-match", tag.encode()) for tag in tags]})


def test_an_entity_tag_is_found_in_any_line_of_the_header() -> None:
    tag = entity_tag({"done": 1})
    assert is_known(asking('"x"', tag), tag)
    assert not is_known(asking('"x"', '"y"'), tag)


def test_an_entity_tag_is_compared_weakly_and_among_several() -> None:
    tag = entity_tag({"done": 1})
    strong = tag.removeprefix("W/")
    for known in (tag, strong, "*", f'"x", {tag}', f'{strong},"y"'):
        assert is_known(asking(known), tag)
    for unknown in ("", '"x"', strong.strip('"')):
        assert not is_known(asking(unknown), tag)


def test_the_estimate_of_the_remaining_time_is_no_news() -> None:
    assert entity_tag({"done": 1, "eta_seconds": 4}) == entity_tag({"done": 1, "eta_seconds": 3})
    assert entity_tag({"items": [{"eta_seconds": 4}]}) == entity_tag({"items": [{"eta_seconds": 3}]})
    assert entity_tag({"done": 1}) != entity_tag({"done": 2})


@pytest.mark.parametrize(
    "text", ["", "x", "0193aaaa000070008000000000000000", "{0193aaaa-0000-7000-8000-000000000000}", "\x00"]
)
def test_only_the_canonical_form_is_an_id(text: str) -> None:
    assert parse_request_id(text) is None


def test_an_id_may_be_spelled_in_capitals() -> None:
    request_id = uuid4()
    assert parse_request_id(str(request_id).upper()) == request_id


def id_of(moment: datetime) -> UUID:
    return UUID(int=(int(moment.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62))


@pytest.mark.parametrize(
    ("request_id", "young"),
    [
        (id_of(NOW), True),
        (id_of(NOW - timedelta(minutes=59)), True),
        (id_of(NOW + timedelta(minutes=5)), True),  # another machine's clock
        (id_of(NOW - timedelta(minutes=61)), False),
        (id_of(NOW + timedelta(days=1)), False),
        (uuid4(), False),
    ],
)
def test_only_ids_of_the_last_hour_are_looked_for_in_the_store(request_id: UUID, *, young: bool) -> None:
    assert is_young(request_id, NOW) is young


def image(ordinal: int, product: int) -> ImageRecord:
    return ImageRecord(
        ordinal=ordinal,
        id="i",
        input_url="u",
        output_url=None,
        state=ImageState.PLANNED,
        started=False,
        product_number=product,
        product_id="p",
        serial_number="1",
        product_name="n",
    )


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(1, 7))
async def test_products_stay_whole_wherever_pages_are_cut(sizes: list[int], page_size: int) -> None:
    """R11"""
    products = [number for number, size in enumerate(sizes) for _ in range(size)]
    images = [image(ordinal, product) for ordinal, product in enumerate(products)]

    async def pages() -> AsyncIterator[list[ImageRecord]]:
        for start in range(0, len(images) + 1, page_size):
            yield images[start : start + page_size]

    told = [product async for page in whole_products(pages()) for product in page]
    whole = [[each.ordinal for each in images if each.product_number == n] for n in range(len(sizes))]
    assert [[each.ordinal for each in product] for product in told] == whole


@given(st.lists(st.lists(st.integers(), max_size=3), max_size=4))
async def test_json_written_in_pieces_is_the_json_written_at_once(pages: list[list[int]]) -> None:
    async def read() -> AsyncIterator[list[Any]]:
        for page in pages:
            yield page

    async def items_of(_: RequestRecord, read_pages: AsyncIterator[list[Any]]) -> AsyncIterator[list[Json]]:
        async for page in read_pages:
            yield [{"n": number} for number in page]

    spelling = Spelling("any", lambda _: {}, {"b": items_of, "c": items_of})
    written = b"".join([chunk async for chunk in _streamed(b'{"a":1}', spelling, RECORD, read)])
    items: list[dict[str, Any]] = [{"n": number} for page in pages for number in page]
    assert json.loads(written) == {"a": 1, "b": items, "c": items}


def test_every_reading_query_has_its_name_and_no_name_stands_twice(tmp_path: Any) -> None:
    assert "image_page" in SQL
    for file in ("one.sql", "two.sql"):
        (tmp_path / file).write_text("-- name: a\nSELECT 1;\n")
    with pytest.raises(ValueError, match="once more"):
        load(tmp_path)
