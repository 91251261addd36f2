"""Renders the output CSV (pure): the input's columns as they were spelled, then the output URLs."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence

from shared.contract.csv_files import apostrophed

OUTPUT_COLUMN = "Output Image Urls"

Guard = Callable[[str], str]


def output_header(columns: Sequence[str]) -> list[str]:
    return [*columns, OUTPUT_COLUMN]


def output_row(columns: Sequence[str], cells: Sequence[str], output_urls: Sequence[str | None]) -> list[str]:
    """One product. Each image has its place among the URLs, an empty one where it failed."""
    return [*fitted(cells, len(columns)), joined(output_urls)]


def fitted(cells: Sequence[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]


def joined(urls: Iterable[str | None]) -> str:
    return ",".join((url or "").replace(",", "%2C") for url in urls)


def csv_bytes(rows: Iterable[Sequence[str]], guard: Guard = apostrophed) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([guard(cell) for cell in cells] for cells in rows)
    return text.getvalue().encode()
