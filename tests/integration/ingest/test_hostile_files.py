"""Files made to hurt: each gets an exact answer, soon, and the service stays small and answers others."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from bench.instruments.cpu import tree_seconds
from tests.worlds.files.workbooks import packed, raw_sheet, xlsx_parts
from tests.worlds.services.ingest_service import HEADER, Broker, IngestProcess, running_ingest

URL = b"https://img.example/1.jpg"
GOOD = b"1,SKU1," + URL + b"\n"
MEBIBYTE = 1024 * 1024
MOST_MEBIBYTES = 300
MOST_CPU_SECONDS = 60  # for one file, so that work without an end shows; most take less than one
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Hostile:
    """`code` is that of the first error, or the limit that a 413 names."""

    file: Callable[[], bytes]
    status: int
    code: str
    row: int | None = None
    column: str | None = None


LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


def workbook_of(rows: str) -> bytes:
    return packed(xlsx_parts({"Sheet1": raw_sheet(rows)}))


NUMBER, NAME, URLS = "S. No.", "Product Name", "Input Image Urls"
FILES = {
    "a NUL byte in a cell": Hostile(lambda: HEADER + b"1,SK\0U1," + URL, 400, "nul_character", 2, NAME),
    "NUL bytes": Hostile(lambda: bytes(2 * MEBIBYTE), 400, "missing_column", 1, NAME),
    "many NUL bytes": Hostile(lambda: bytes(20 * MEBIBYTE), 413, "line length", 1),
    "a cell of 10 MB": Hostile(
        lambda: HEADER + GOOD + b'2,"' + b"x" * 10**7 + b'",' + URL, 413, "line length", 3
    ),
    "a quoted cell of 10 MB in short lines": Hostile(
        lambda: HEADER + GOOD + b'2,"' + b"x\n" * 5_000_000 + b'",' + URL, 413, "lines in a row", 3
    ),
    "a quoted cell of 10 MB in longer lines": Hostile(
        lambda: HEADER + GOOD + b'2,"' + (b"x" * 999 + b"\n") * 10_000 + b'",' + URL, 413, "cell length", 3
    ),
    "a row of many long cells": Hostile(
        lambda: HEADER + GOOD + b"2," + b",".join([b'"' + (b"x" * 999 + b"\n") * 2_000 + b'"'] * 20),
        *(413, "row length", 3),
    ),
    "a line of 50 MB": Hostile(lambda: HEADER + b"x" * 50_000_000, 413, "line length", 2),
    "a line of 50 MB and nothing else": Hostile(lambda: b"x," * 25_000_000, 413, "line length", 1),
    "a header of 1,000,000 columns": Hostile(lambda: HEADER[:-1] + b",x" * 1_000_000, 413, "columns", 1),
    "100,000 columns, none of them ours": Hostile(lambda: b"x," * 100_000, 413, "columns", 1),
    "a row of 1,000,000 cells": Hostile(
        lambda: HEADER + GOOD + b"2,SKU2," + URL + b"?at=1" + b",2" * 1_000_000, 400, "invalid_url", 3, URLS
    ),
    "a row of 100,000 addresses": Hostile(
        lambda: HEADER + b"1,SKU1" + b",http://a.example" * 100_000, 413, "URLs in a row", 2
    ),
    "a quotation mark that is never closed": Hostile(
        lambda: HEADER + GOOD * 1000 + b'2,"SKU2,' + URL + b"\n" + GOOD * 100,
        400,
        "unclosed_quote",
        1002,
        NAME,
    ),
    "a stray quotation mark": Hostile(
        lambda: HEADER + GOOD + b'2,"SKU2,' + URL + b'\n3,"SKU3",' + URL + b"\n", 400, "stray_quote", 3, NAME
    ),
    "quotation marks only": Hostile(lambda: HEADER + b'"' * 2_999_999, 400, "unclosed_quote", 2, NUMBER),
    "separators without end": Hostile(
        lambda: HEADER + b'1,SKU1,"' + URL + b" \t,;" * 600_000 + b'x"\n', 400, "invalid_url", 2, URLS
    ),
    "a workbook": Hostile(lambda: b"PK\x03\x04" + bytes(1000), 400, "not_csv"),
    "a workbook with a cell of 10 MB": Hostile(
        lambda: workbook_of(f'<row><c t="str"><v>{"x" * 10**7}</v></c></row>'), 413, "cell length", 1
    ),
    "a workbook that unpacks to 100 MB of nothing": Hostile(
        lambda: workbook_of(" " * 100 * MEBIBYTE), 400, "empty_file"
    ),
    "a workbook whose tag does not end": Hostile(
        lambda: workbook_of("<row a='" + "x" * 10**7), 400, "damaged_workbook"
    ),
    "a billion laughs": Hostile(
        lambda: packed(xlsx_parts({"A": f"<!DOCTYPE a [{LAUGHS}]><a>&a9;</a>"})), 400, "damaged_workbook"
    ),
    "a picture": Hostile(lambda: b"\x89PNG\r\n\x1a\n" + bytes(1000), 400, "not_csv"),
    "a gzip bomb": Hostile(lambda: zlib.compress(bytes(50 * MEBIBYTE), 9, 31), 400, "not_csv"),
    "a UTF-16 mark and an odd byte": Hostile(lambda: b"\xff\xfeS\0x", 400, "unknown_encoding", 1),
    "50 MB of UTF-16 without a line": Hostile(
        lambda: b"\xff\xfe" + b"x\0" * 25_000_000, 413, "line length", 1
    ),
    "half a surrogate pair": Hostile(
        lambda: b"\xff\xfe" + (HEADER + GOOD).decode().encode("utf-16-le") + b"\x00\xd8,\x00",
        *(400, "undecodable_byte", 3, NUMBER),
    ),
    "wide letters without end": Hostile(
        lambda: HEADER + GOOD + b'2,"' + (("\U0001f600" * 999 + "\n") * 10_000).encode(),
        413,
        "cell length",
        3,
    ),
    "a host of 5,000 labels": Hostile(
        lambda: HEADER + b"1,SKU1,https://" + b"a." * 5000 + b"example/\n", 400, "invalid_url", 2, URLS
    ),
    "200,000 bad rows": Hostile(
        lambda: HEADER + b",x,\nx,,\n" * 100_000, 400, "missing_serial_number", 2, NUMBER
    ),
    "line ends without end": Hostile(
        lambda: HEADER + b"\n" * 30_000_000 + b"x", 413, "blank rows", 2_000_002
    ),
    "a million line ends of all kinds": Hostile(lambda: b"\r\n\n\r" * 500_000, 400, "empty_file"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def besieged(
    breakable_kafka: Broker, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[IngestProcess]:
    """One process for all files: what one leaves in it is there with the next."""
    async with running_ingest(breakable_kafka, tmp_path_factory.mktemp("hostile") / "store") as ingest:
        yield ingest


def peak_mebibytes(ingest: IngestProcess) -> int:
    status = Path(f"/proc/{ingest.process.pid}/status").read_text().split()
    return int(status[status.index("VmHWM:") + 1]) // 1024


async def answer_to(file: bytes, ingest: IngestProcess) -> httpx.Response:
    """It may take as long as a busy machine does, and only so much work."""
    ingest.http.timeout = None
    before = tree_seconds(ingest.process.pid)
    answering = asyncio.create_task(ingest.post(file))
    while not answering.done():
        await asyncio.wait([answering], timeout=LOOK_SECONDS)
        assert tree_seconds(ingest.process.pid) - before < MOST_CPU_SECONDS
    return answering.result()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", FILES)
async def test_a_hostile_file_gets_its_answer_in_bounded_memory(besieged: IngestProcess, name: str) -> None:
    """R03, R20"""
    hostile, before = FILES[name], sorted((besieged.store / "requests").glob("*"))
    answer = await answer_to(hostile.file(), besieged)
    assert answer.status_code == hostile.status, answer.text[:500]
    problem = answer.json()
    assert problem["error"]
    if hostile.status == 413:
        assert (problem["limit"], problem.get("row")) == (hostile.code, hostile.row)
    else:
        first = problem["errors"][0]
        assert (first["code"], first["row"], first["column"]) == (
            *(hostile.code, hostile.row, hostile.column),
        )
    assert len(answer.content) < MEBIBYTE
    assert sorted((besieged.store / "requests").glob("*")) == before
    assert peak_mebibytes(besieged) < MOST_MEBIBYTES
    assert (await besieged.post(HEADER + GOOD)).status_code == 202


async def test_formulas_are_only_text_on_the_way_in(ingest: IngestProcess) -> None:
    """R20"""
    name = b'"=HYPERLINK(""https://evil.example"")"'
    answer = await ingest.post(HEADER + b"1," + name + b"," + URL + b"\n")
    (line,) = (
        (ingest.store / "requests" / answer.json()["request_id"] / "rows.ndjson").read_bytes().splitlines()
    )
    assert b'=HYPERLINK(\\"https://evil.example\\")' in line
