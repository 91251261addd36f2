"""Takes rows in the usual form out of the lines ahead, many at once, before the csv module sees them.

The last of them is left: it is judged as all others are, so that what comes after finds it above.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ingest.csv_file.findings.first_rows import FirstRows
from services.ingest.csv_file.findings.sample_cells import SampleCells
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.lines_ahead import LinesAhead
from services.ingest.csv_file.records import Place
from services.ingest.csv_file.tally import Tally
from services.ingest.csv_file.usual.form import UsualForm
from services.ingest.csv_file.usual.rows import UsualRows

LEAST_ROWS = 4  # fewer are not worth it


@dataclass(slots=True, kw_only=True)
class UsualRowsAhead:
    form: UsualForm | None  # None: each row is judged by itself
    lines: LinesAhead
    place: Place
    tally: Tally
    samples: SampleCells
    first_rows: FirstRows
    limits: CsvLimits
    _block: Sequence[str] = ()
    _matches: list[re.Match[str] | None] = field(default_factory=list)  # of its lines; None at the end

    def next_lines(self) -> bytes:
        """What rows.ndjson says of the rows that come next, which are counted and passed by; nothing where
        the next row is to be judged by itself.
        """
        if self.form is None or self.first_rows.are_wanted:
            return b""
        matches = self._next_matches(self.form)
        if len(matches) < LEAST_ROWS or not self._are_within_limits(len(matches), self.form):
            return b""
        rows = UsualRows.of(matches, self.form, first_row=self.place.row + 1)
        self.lines.at += len(matches)
        self.place.row += len(matches)
        self.place.filled += len(matches)
        first_ordinal = self.tally.images
        first_uses = self.tally.count_usual(rows.first_row, rows.serial_numbers(), rows.all_urls())
        return rows.lines(first_ordinal, first_uses)

    def _next_matches(self, form: UsualForm) -> Sequence[re.Match[str] | None]:
        if self.lines.at == len(self.lines.block):
            self.lines.read_block()
        if self.lines.block is not self._block:
            self._block = self.lines.block
            self._matches = [*self._matched(self._block, form), None]
        at = self.lines.at
        return self._matches[at : max(at, self._matches.index(None, at) - 1)]

    def _matched(self, block: Sequence[str], form: UsualForm) -> Sequence[re.Match[str] | None]:
        if max(map(len, block), default=0) > self.limits.cell_characters:
            return [None] * len(block)
        if self.samples.are_wanted:
            return [form.match(line) if line.isascii() else None for line in block]
        return list(map(form.match, block))

    def _are_within_limits(self, rows: int, form: UsualForm) -> bool:
        """Near a limit each row is judged by itself, so that the one that exceeds it is named."""
        return (
            self.place.filled + rows <= self.limits.rows
            and self.tally.images + rows * form.most_addresses <= self.limits.images
        )
