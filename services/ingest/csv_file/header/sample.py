"""The first rows below a header: what stands in its columns (pure)."""

import csv
import re
from collections.abc import Iterator, Sequence

_LINE = re.compile(r"\s*:?[-=_]+:?\s*")  # as Markdown has it below its header, and sqlcmd below a short name
_DRAWN = "---", "===", "___"  # not so a cell that says there is nothing
_LONGEST_LINE = 1_000


def is_line(cells: Sequence[str]) -> bool:
    """Whether the row only parts others: it is drawn with dashes."""
    texts = [cell[:_LONGEST_LINE] for cell in cells if cell.strip()]
    is_drawn = any(mark in text for text in texts for mark in _DRAWN)
    return is_drawn and len(texts) > 1 and all(map(_LINE.fullmatch, texts))


class Sample:
    """Read when they are asked for."""

    def __init__(self, reader: Iterator[list[str]]) -> None:
        self._reader = reader
        self._rows: list[list[str]] | None = None

    def filled(self, index: int) -> list[str]:
        """What stands in this column."""
        return [row[index].strip() for row in self._all() if index < len(row) and row[index].strip()]

    def is_wider(self, columns: int) -> bool:
        """Whether a row goes on beyond so many."""
        return any(any(map(str.strip, row[columns:])) for row in self._all())

    def _all(self) -> Sequence[list[str]]:
        if self._rows is None:
            self._rows = [row for row in self._read() if not is_line(row)]
        return self._rows

    def _read(self) -> Iterator[list[str]]:
        try:
            yield from self._reader
        except csv.Error:
            return
