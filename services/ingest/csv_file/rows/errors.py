"""All that is wrong with one row, cell by cell, with advice for each (pure)."""

import csv
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from services.ingest.csv_file.header.columns import Delimiter, Header
from services.ingest.csv_file.image_urls.cell import BLANK, begins_address, is_image_address, url_fault
from services.ingest.csv_file.image_urls.hints import LOOKED_AT_CHARACTERS, is_inline_image, url_hint
from services.ingest.csv_file.image_urls.listed import split_urls
from services.ingest.csv_file.rows.row import BadRow, Fitted
from services.ingest.csv_file.rows.serial_number_hints import GENERAL, serial_number_hint
from services.ingest.csv_file.serial_numbers import WHOLE_NUMBER
from services.ingest.csv_file.verdicts import CellError, ErrorCode, shown_value

_FURTHER_IMAGE_HINT = (
    "If this is another image of the product above, write that product's number and name here again, or put"
    " the address into its row: merged cells hold them only once."
)


def row_errors(row: int, cells: Sequence[str], header: Header, *, surplus: int) -> Iterator[CellError]:
    """`surplus` is how many cells the row has beyond the header's columns. What a NUL makes wrong comes
    behind it.
    """
    yield from nul_errors(row, cells, header)
    own = [index for index in (header.serial_number, header.product_name) if index is not None]
    is_further_image = not any(cells[index].strip(BLANK) for index in own) and any(
        begins_address(cells[index]) for index in header.image_urls
    )
    if header.serial_number is not None:
        number = cells[header.serial_number].strip(BLANK)
        advice = _FURTHER_IMAGE_HINT if is_further_image else GENERAL
        yield from _serial_number_errors(row, number, header, header.serial_number, advice)
    if header.product_name is not None:
        advice = _FURTHER_IMAGE_HINT if is_further_image else "Fill it in."
        yield from _name_errors(row, cells[header.product_name], header, header.product_name, advice)
    yield from url_errors(row, cells, header, surplus)


def row_in_one_cell(row: int, fit: Fitted, header: Header) -> BadRow | None:
    """A spreadsheet that did not take a CSV apart writes quotation marks around each of its lines in which
    there are some, and around no other.
    """
    first, *others = fit.cells
    if "://" not in first or begins_address(first) or any(map(str.strip, others)):
        return None
    if not any(_has_images(first, delimiter, header) for delimiter in Delimiter):
        return None
    error = CellError(
        row=row,
        column=header.name(0),
        column_index=0,
        value=shown_value(first),
        code=ErrorCode.MISSING_URL,
        problem="the whole row stands in its first cell",
        advice="Upload the file as it was before a spreadsheet saved it, or separate the row's cells by"
        f" {header.delimiter.word}s, without quotation marks around the whole row.",
    )
    return BadRow(row, tuple(fit.cells), (error,), fit.assumed)


def _has_images(line: str, delimiter: Delimiter, header: Header) -> bool:
    try:
        cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return False
    addresses = (cells[index] for index in header.image_urls if index < len(cells))
    in_words = f"{delimiter} "  # as a note has it before a website
    return any(
        is_image_address(cell) or (begins_address(cell) and in_words + cell not in line) for cell in addresses
    )


def _serial_number_errors(
    row: int, value: str, header: Header, index: int, advice: str
) -> Iterator[CellError]:
    if not value:
        yield CellError(
            row=row,
            column=header.name(index),
            column_index=index,
            value="",
            code=ErrorCode.MISSING_SERIAL_NUMBER,
            problem="the serial number is missing",
            advice=advice,
        )
    elif not WHOLE_NUMBER.fullmatch(value):
        yield CellError(
            row=row,
            column=header.name(index),
            column_index=index,
            value=shown_value(value),
            code=ErrorCode.INVALID_SERIAL_NUMBER,
            problem=f"'{shown_value(value)}' is not a whole serial number",
            advice=partial(serial_number_hint, value[:LOOKED_AT_CHARACTERS]),
        )


def _name_errors(row: int, cell: str, header: Header, index: int, advice: str) -> Iterator[CellError]:
    if not cell.strip():
        yield CellError(
            row=row,
            column=header.name(index),
            column_index=index,
            value="",
            code=ErrorCode.MISSING_PRODUCT_NAME,
            problem="the product name is missing",
            advice=advice,
        )


def url_errors(row: int, cells: Sequence[str], header: Header, surplus: int) -> Iterator[CellError]:
    urls = [(index, url) for index in header.image_urls for url in split_urls(cells[index])]
    if not urls:
        yield CellError(
            row=row,
            column=header.name(header.image_urls[0]),
            column_index=header.image_urls[0],
            value="",
            code=ErrorCode.MISSING_URL,
            problem="the image URL is missing",
            advice="Give at least one address that begins with http:// or https://;"
            " pictures that lie in a sheet are not read.",
        )
    for index, url in urls:
        fault = url_fault(url)
        if fault is not None:
            shown = shown_value(url)
            yield CellError(
                row=row,
                column=header.name(index),
                column_index=index,
                value=shown,
                code=ErrorCode.INVALID_URL,
                problem=f"'{shown}' {fault}",
                advice=_url_advice(url, header, surplus),
            )


def _url_advice(url: str, header: Header, surplus: int) -> Callable[[], str]:
    if surplus and not begins_address(url) and not is_inline_image(url):
        return partial(_surplus_hint, header, surplus)
    return partial(url_hint, url[:LOOKED_AT_CHARACTERS])  # cut, because a thousand errors may be kept


def _surplus_hint(header: Header, surplus: int) -> str:
    columns = len(header.columns)
    return (
        f"The row has {columns + surplus} cells for {columns} columns: "
        f"put quotation marks around the cell in which a {header.delimiter.word} stands."
    )


def nul_errors(row: int, cells: Sequence[str], header: Header) -> Iterator[CellError]:
    for index, cell in enumerate(cells):
        if "\0" in cell:
            yield CellError(
                row=row,
                column=header.name(index),
                column_index=index,
                value=shown_value(cell),
                code=ErrorCode.NUL_CHARACTER,
                problem="a cell holds a NUL character",
                advice="Save the file again as CSV UTF-8.",
            )
