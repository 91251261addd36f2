"""Reads a whole uploaded file into rows.ndjson and a verdict. It blocks, so it runs in a worker thread.

It knows files and the pure steps beside it, neither HTTP nor the store.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from pydantic_core import to_json  # five times faster than json, and this is the hottest line

from services.ingest.csv_file.encodings.found import FoundEncoding
from services.ingest.csv_file.findings.damaged_rows import damaged_file
from services.ingest.csv_file.findings.encoding_warnings import encoding_warnings
from services.ingest.csv_file.findings.first_rows import FirstRows, ShownRow
from services.ingest.csv_file.findings.no_addresses import no_addresses
from services.ingest.csv_file.findings.sample_cells import SampleCell, SampleCells
from services.ingest.csv_file.findings.warnings import csv_warnings, skipping_warning
from services.ingest.csv_file.header.column_choice import NOTHING_SAID, ColumnChoice
from services.ingest.csv_file.header.columns import Header
from services.ingest.csv_file.image_urls.cell import begins_address
from services.ingest.csv_file.image_urls.memory import UrlMemory
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.rows.row import BadRow, Product
from services.ingest.csv_file.spool import OpenSpool, open_spool
from services.ingest.csv_file.table import Table, open_table
from services.ingest.csv_file.tally import Tally
from services.ingest.csv_file.text import encoding_of, first_damaged_line, text_lines
from services.ingest.csv_file.usual.form import usual_form
from services.ingest.csv_file.usual.rows_ahead import UsualRowsAhead
from services.ingest.csv_file.verdicts import CellError, ErrorCode, UnreadableCsv, UploadWarning
from shared.outbound.addresses import Networks

WRITTEN_BYTES = 8 * 1024  # of rows, at once
SMALL_FILE_BYTES = 64 * 1024  # in so few looking ahead gains nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCsv:
    """What a file holds. It may be accepted when there are no errors, or when bad rows are skipped."""

    header: Header
    encoding: FoundEncoding
    samples: tuple[SampleCell, ...]  # by which a person sees whether the encoding is right
    first_rows: tuple[ShownRow, ...]
    products: int
    images: int
    bad_rows: int
    errors: tuple[CellError, ...]  # the first ones
    errors_total: int
    warnings: tuple[UploadWarning, ...]
    rows: BinaryIO  # rows.ndjson of the good rows; the caller closes it
    sheet: str | None = None  # of the workbook that it stood in
    is_of_lines: bool = False  # each of the sheet's rows stood in its first cell

    def warnings_if_skipped(self) -> tuple[UploadWarning, ...]:
        """What is said when the bad rows are skipped."""
        if not self.bad_rows:
            return self.warnings
        return (*self.warnings, skipping_warning(self.errors, self.bad_rows))


def read_csv(
    file: BinaryIO,
    limits: CsvLimits,
    *,
    allow: Networks = (),
    open_spool: OpenSpool = open_spool,
    choice: ColumnChoice = NOTHING_SAID,
    codec: str | None = None,
) -> JudgedCsv:
    """`allow` are the private networks that images may come from, `choice` the columns that the caller named,
    `codec` the encoding that the caller named.

    Raises `UnreadableCsv` or `CsvTooLarge` when the file as a whole cannot be taken.
    """
    encoding = encoding_of(file, codec)
    file_bytes = file.seek(0, os.SEEK_END)
    tally = Tally(errors_listed=limits.errors_listed, url_memory=UrlMemory(file_bytes), allow=allow)
    rows = open_spool()
    try:
        with text_lines(file, encoding, limits.cell_characters) as lines:
            table = open_table(lines, limits, choice, encoding if encoding.is_damaged else None)
            samples = SampleCells(encoding=encoding, columns=table.header.columns)
            first_rows = FirstRows()
            looks_ahead = file_bytes >= SMALL_FILE_BYTES and not encoding.is_damaged
            usual = UsualRowsAhead(
                form=usual_form(table.header, limits) if looks_ahead else None,
                lines=lines,
                place=table.place,
                tally=tally,
                samples=samples,
                first_rows=first_rows,
                limits=limits,
            )
            judged_rows = first_rows.taken_from(samples.taken_from(table.rows))
            _write_rows(judged_rows, usual, tally, rows, limits)
        _require_addresses(tally, table.header)
        _require_rows(tally)
        rows.seek(0)
    except BaseException as error:
        rows.close()
        if isinstance(error, UnreadableCsv) and encoding.is_damaged:
            raise _damaged(file, encoding, limits) from error
        raise
    return _judged(table, samples, first_rows, tally, rows)


def _write_rows(
    judged_rows: Iterable[Product | BadRow],
    usual: UsualRowsAhead,
    tally: Tally,
    rows: BinaryIO,
    limits: CsvLimits,
) -> None:
    lines = bytearray()
    for row in judged_rows:
        if isinstance(row, BadRow):
            tally.count_bad_row(row)
        else:
            lines += _line(row, tally.count_product(row))
            if tally.images > limits.images:
                raise limits.too_many_images(row.row)
        lines += usual.next_lines()
        if len(lines) > WRITTEN_BYTES:
            rows.write(lines)
            lines.clear()
    rows.write(lines)


def _line(product: Product, images: list[dict[str, object]]) -> bytes:
    line = {
        "row": product.row,
        "serial_number": product.serial_number,
        "name": product.name,
        "cells": product.cells,
        "images": images,
    }
    return to_json(line) + b"\n"


def _require_rows(tally: Tally) -> None:
    if not tally.images and not tally.bad_rows:
        raise UnreadableCsv(
            CellError(
                code=ErrorCode.NO_ROWS,
                problem="The file has a header and no products below it.",
                advice="Add a row for each product below the header, and upload the file again.",
            )
        )


def _require_addresses(tally: Tally, header: Header) -> None:
    """An export whose columns of images hold none is refused as a whole: to name each row would not help."""
    if not header.is_export or tally.images or not tally.products + tally.bad_rows:
        return
    first = tally.errors[0] if tally.errors else None
    if first is None or (first.code is ErrorCode.INVALID_URL and not begins_address(first.value or "")):
        raise UnreadableCsv(no_addresses(header, first))


def _damaged(file: BinaryIO, encoding: FoundEncoding, limits: CsvLimits) -> UnreadableCsv:
    """What is wrong with the first bytes that do not fit may well be what is wrong with all."""
    row, line = first_damaged_line(file, encoding, limits.cell_characters)
    return damaged_file(line, encoding, row)


def _judged(
    table: Table, samples: SampleCells, first_rows: FirstRows, tally: Tally, rows: BinaryIO
) -> JudgedCsv:
    return JudgedCsv(
        header=table.header,
        encoding=samples.encoding,
        samples=samples.first(),
        first_rows=tuple(first_rows.taken),
        products=tally.products,
        images=tally.images,
        bad_rows=tally.bad_rows,
        errors=tuple(tally.errors),
        errors_total=tally.errors_total,
        warnings=(
            *encoding_warnings(samples.encoding, samples.first()),
            *csv_warnings(table.header, tally),
        ),
        rows=rows,
    )
