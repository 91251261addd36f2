"""rows.ndjson, read in chunks from any place on."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.status.records import rows
from services.status.records.large_rows import LargeRows
from services.status.records.rows import BadRowsError, Planned, ProductRow, chunks_of_products, lines
from shared.testing.request_rows import rows_of


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def from_list(items: list[bytes]) -> AsyncIterator[bytes]:
    for item in items:
        yield item


@given(st.lists(st.binary().map(lambda line: line.replace(b"\n", b"")).filter(bool)), st.integers(1, 9))
async def test_lines_are_the_same_wherever_the_stream_is_cut(content: list[bytes], size: int) -> None:
    data = b"".join(line + b"\n" for line in content)
    async with LargeRows().turn() as turn:
        assert [line async for line in lines(pieces(data, size), turn)] == content


def written(products: list[list[str]]) -> list[bytes]:
    return [ProductRow.model_validate(row).model_dump_json().encode() for row in rows_of(products)]


async def test_reading_resumes_after_any_product(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "CHUNK_IMAGES", 3)
    content = written([["a", "b"], ["c"], ["a", "d"], ["e"]])
    whole = [chunk async for chunk in chunks_of_products(from_list(content), Planned(0, 0))]
    assert [len(chunk) for chunk in whole] == [2, 2]
    everything = [product for chunk in whole for product in chunk]
    ordinals = [0, 2, 3, 5, 6]
    for planned in range(5):
        stream = chunks_of_products(from_list(content), Planned(planned, ordinals[planned]))
        rest = [product async for chunk in stream for product in chunk]
        assert rest == everything[planned:]


@pytest.mark.parametrize(
    "line",
    [
        b'{"row":2,"serial_number":"1","name":"a","cells":[],"images":[{"ordinal":1,"url":"u"}]}',
        b'{"row":2,"serial_number":"1","name":"a","cells":[],"images":[{"ordinal":0,"url":"u","same_as":0}]}',
        b'{"row":2,"serial_number":"1","name":"a","cells":[]}',
        b"not json",
        b"",
    ],
)
async def test_a_file_that_contradicts_itself_is_refused(line: bytes) -> None:
    with pytest.raises((BadRowsError, ValidationError)):
        [chunk async for chunk in chunks_of_products(from_list([line]), Planned(0, 0))]
