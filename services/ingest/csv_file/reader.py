"""Reads a whole uploaded file into rows.ndjson and a verdict. It blocks, so it runs in a worker thread.

It knows files and the pure reader, neither HTTP nor the store.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from pydantic_core import to_json  # five times faster than json, and this is the hottest line

from services.ingest.csv_file.header import Header
from services.ingest.csv_file.private_hosts import leads_inside
from services.ingest.csv_file.row import BadRow, Product
from services.ingest.csv_file.serial_numbers import SerialNumbers
from services.ingest.csv_file.spool import open_spool
from services.ingest.csv_file.table import open_table
from services.ingest.csv_file.text import find_encoding, public_name, text_lines
from services.ingest.csv_file.url_memory import UrlMemory
from services.ingest.csv_file.verdicts import CellError, CsvLimits, UnreadableCsv, UploadWarning, shown_value
from shared.outbound.addresses import Networks

LISTED_DUPLICATES = 5
LISTED_SKIPS = 5


@dataclass(frozen=True, slots=True)
class JudgedCsv:
    """What a file holds. It may be accepted when there are no errors, or when bad rows are skipped."""

    columns: tuple[str, ...]
    delimiter: str
    encoding: str
    products: int
    images: int
    bad_rows: int
    errors: tuple[CellError, ...]  # the first ones
    errors_total: int
    warnings: tuple[UploadWarning, ...]
    rows: BinaryIO  # rows.ndjson of the good rows; the caller closes it

    def warnings_if_skipped(self) -> tuple[UploadWarning, ...]:
        """What is said where the bad rows are skipped."""
        return (*self.warnings, self._skipping_warning()) if self.bad_rows else self.warnings

    def _skipping_warning(self) -> UploadWarning:
        first_errors: dict[int | None, CellError] = {}
        for error in self.errors:
            first_errors.setdefault(error.row, error)
        listed = [f"row {row} ({error.problem})" for row, error in first_errors.items()][:LISTED_SKIPS]
        more = self.bad_rows - len(listed)
        rest = f" and {more:,} more" if more else ""
        rows = "1 row was" if self.bad_rows == 1 else f"{self.bad_rows:,} rows were"
        return UploadWarning("rows_skipped", f"{rows} skipped: {', '.join(listed)}{rest}.")


def read_csv(file: BinaryIO, limits: CsvLimits, allow: Networks = ()) -> JudgedCsv:
    """`allow` are the private networks that images may come from.

    Raises `UnreadableCsv` or `CsvTooLarge` when the file as a whole cannot be taken.
    """
    encoding = find_encoding(file)
    tally = _Tally(limits.errors_listed, UrlMemory(file.seek(0, os.SEEK_END)), allow)
    rows = open_spool()
    try:
        with text_lines(file, encoding, limits.cell_characters) as lines:
            table = open_table(lines, limits)
            tally.take_all(table.rows, rows)
        rows.seek(0)
    except BaseException:
        rows.close()
        raise
    header = table.header
    return JudgedCsv(
        header.columns,
        header.delimiter,
        public_name(encoding),
        tally.products,
        tally.images,
        tally.bad_rows,
        tuple(tally.errors),
        tally.errors_total,
        tuple(_warnings(public_name(encoding), header, tally)),
        rows,
    )


@dataclass(slots=True)
class _Tally:
    """Counts, errors and repeats of one file, in memory that does not grow with it."""

    errors_listed: int
    url_memory: UrlMemory
    allow: Networks
    products: int = 0
    images: int = 0
    bad_rows: int = 0
    errors: list[CellError] = field(default_factory=list)
    errors_total: int = 0
    serial_numbers: SerialNumbers = field(default_factory=SerialNumbers)
    duplicates: int = 0
    first_duplicates: list[tuple[int, str]] = field(default_factory=list)
    spilled: int = 0
    first_spilled: int | None = None
    private: int = 0
    first_private: tuple[int, str] | None = None

    def take_all(self, table: Iterator[Product | BadRow], rows: BinaryIO) -> None:
        for row in table:
            if isinstance(row, BadRow):
                self._refuse(row)
            else:
                rows.write(self._line(row))
        if not self.products and not self.bad_rows:
            hint = "Add a row for each product below the header, and upload the file again."
            raise UnreadableCsv("no_rows", "The file has a header and no products below it.", hint=hint)

    def _refuse(self, row: BadRow) -> None:
        self.bad_rows += 1
        self.errors_total += len(row.errors)
        self.errors.extend(row.errors[: self.errors_listed - len(self.errors)])

    def _line(self, product: Product) -> bytes:
        self._note_serial_number(product)
        if product.spilled:
            self.spilled += 1
            self.first_spilled = self.first_spilled or product.row
        images = [self._image(url, product.row) for url in product.urls]
        self.products += 1
        line = {
            "row": product.row,
            "serial_number": product.serial_number,
            "name": product.name,
            "cells": product.cells,
            "images": images,
        }
        return to_json(line) + b"\n"

    def _image(self, url: str, row: int) -> dict[str, object]:
        if leads_inside(url, self.allow):
            self.private += 1
            self.first_private = self.first_private or (row, url)
        ordinal = self.images
        self.images += 1
        first = self.url_memory.first_use(url, ordinal)
        if first != ordinal:
            return {"ordinal": ordinal, "url": url, "same_as": first}
        return {"ordinal": ordinal, "url": url}

    def _note_serial_number(self, product: Product) -> None:
        if self.serial_numbers.add(int(product.serial_number)):
            return
        self.duplicates += 1
        if len(self.first_duplicates) < LISTED_DUPLICATES:
            self.first_duplicates.append((product.row, product.serial_number))


def _warnings(encoding: str, header: Header, tally: _Tally) -> Iterator[UploadWarning]:
    if encoding != "utf-8":
        yield UploadWarning("encoding_assumed", f"The file was read as {encoding}, not as UTF-8.")
    if header.delimiter != ",":
        name = {";": "semicolons", "\t": "tabs", "|": "pipes"}[header.delimiter]
        yield UploadWarning("delimiter_assumed", f"The columns were read as separated by {name}.")
    if header.title_rows:
        message = f"What stands above the header, which was found in row {header.row}, was left out."
        yield UploadWarning("title_left_out", message)
    for needed, column in header.guessed().items():
        yield UploadWarning("column_assumed", f"The column '{shown_value(column)}' was read as '{needed}'.")
    for column in header.repeated():
        message = f"The column '{shown_value(column)}' occurs more than once; the first one was read."
        yield UploadWarning("column_repeated", message)
    if tally.spilled:
        rows = "one row" if tally.spilled == 1 else f"{tally.spilled:,} rows"
        where = f"in {rows}, first in row {tally.first_spilled}"
        yield UploadWarning(
            "urls_joined", f"Image URLs that ran over into further columns were joined: {where}."
        )
    if tally.first_private is not None:
        row, url = tally.first_private
        images = "1 image address leads" if tally.private == 1 else f"{tally.private:,} image addresses lead"
        where = f"first in row {row} ('{shown_value(url)}')"
        then = "these images will fail as blocked_address; give addresses that everybody can open."
        yield UploadWarning("private_address", f"{images} into a private network, {where}: {then}")
    if tally.duplicates:
        listed = ", ".join(f"'{serial_number}' in row {row}" for row, serial_number in tally.first_duplicates)
        more = tally.duplicates - len(tally.first_duplicates)
        rest = f" and {more:,} more" if more else ""
        yield UploadWarning("duplicate_serial_number", f"Serial numbers occur again: {listed}{rest}.")
