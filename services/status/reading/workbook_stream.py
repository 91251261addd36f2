"""Streams an output as the sheet of a workbook. Nothing of it is kept: to read it through beforehand, and see
whether it fits, takes time alone.
"""

from collections.abc import AsyncIterator, Iterable, Iterator

from services.status.reading.reader import Reader
from services.status.reading.report_stream import Export, table_rows
from services.status.records.request import RequestRecord
from services.status.rendering.workbook import sheet
from shared.store import Store

PIECE_CHARACTERS = 64 * 1024


async def sheet_markup(
    reader: Reader, store: Store, record: RequestRecord, export: Export
) -> AsyncIterator[bytes]:
    """Of a request whose run has ended. Raises `BeyondSheet` where Excel would open no such sheet."""
    sheet.require_rows(record.products + 1)
    yield sheet.BEGIN
    next_row, markup_bytes = 1, 0
    async for rows in table_rows(reader, store, record, export):
        rendered = sheet.rendered_rows(next_row, rows)
        for piece in _pieces(rendered):
            markup = "".join(piece).encode()
            next_row += len(piece)
            markup_bytes += len(markup)
            sheet.require_bytes(markup_bytes)
            yield markup
    yield sheet.END


def _pieces(rendered: Iterable[str]) -> Iterator[list[str]]:
    piece, characters = [], 0
    for row in rendered:
        piece.append(row)
        characters += len(row)
        if characters >= PIECE_CHARACTERS:
            yield piece
            piece, characters = [], 0
    if piece:
        yield piece
