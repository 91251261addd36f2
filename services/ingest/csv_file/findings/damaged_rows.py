"""Names the cells whose bytes do not fit the encoding of the file (pure)."""

from collections.abc import Iterable, Iterator

from services.ingest.csv_file.encodings.damage import damage_place, first_damage, without_marks
from services.ingest.csv_file.encodings.found import FoundBy, FoundEncoding
from services.ingest.csv_file.findings.excerpt import excerpt
from services.ingest.csv_file.header.columns import Header
from services.ingest.csv_file.records import CsvRecord
from services.ingest.csv_file.verdicts import CellError, ErrorCode, UnreadableCsv


def with_damage_named(
    records: Iterable[CsvRecord], header: Header, encoding: FoundEncoding
) -> Iterator[CsvRecord]:
    """Rows that hold such a byte are faulty. Raises `UnreadableCsv` where it stands in the header."""
    for record in records:
        index = next((index for index, cell in enumerate(record.cells) if _is_damaged(cell)), None)
        if index is None:
            yield record
            continue
        column = header.columns[index] if index < len(header.columns) else None
        fault = damage_error(record.cells[index], encoding, row=record.row, column=column)
        if record.row == header.row:
            raise UnreadableCsv(fault)
        yield CsvRecord(record.row, [without_marks(cell) for cell in record.cells], fault)


def damaged_file(line: str, encoding: FoundEncoding, row: int) -> UnreadableCsv:
    """A file that cannot be read, maybe because of the bytes in this line."""
    error = damage_error(line.rstrip("\r\n"), encoding, row=row)
    return UnreadableCsv(error._replace(code=ErrorCode.UNKNOWN_ENCODING))


def damage_error(text: str, encoding: FoundEncoding, *, row: int, column: str | None = None) -> CellError:
    """`text` holds at least one such byte."""
    shown = excerpt(text, damage_place(text))
    return CellError(
        row=row,
        column=None if column is None else without_marks(column),
        value=shown,
        code=ErrorCode.UNDECODABLE_BYTE,
        problem=f"'{shown}' holds a byte (0x{first_damage(text):02X}) that is not {_shown_name(encoding)}",
        advice=_advice(encoding),
    )


def _is_damaged(cell: str) -> bool:
    return not cell.isascii() and first_damage(cell) is not None


def _shown_name(encoding: FoundEncoding) -> str:
    return encoding.name.upper() if encoding.name.startswith("utf-") else encoding.name


def _advice(encoding: FoundEncoding) -> str:
    if encoding.by is FoundBy.STATED:
        return "Leave the field 'encoding' out, or name the one that the file was saved in."
    return (
        "Type the cell again, and save the file as CSV UTF-8. "
        "If the whole file is in another encoding, name it in the field 'encoding'."
    )
