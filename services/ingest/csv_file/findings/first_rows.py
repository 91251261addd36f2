"""The first rows as they were read, so that a person sees whether they were read rightly (pure)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from services.ingest.csv_file.rows.row import BadRow, Product

MOST_ROWS = 10
CELL_CHARACTERS = 2_000  # a few addresses
ALL_CHARACTERS = 40_000

R = TypeVar("R", bound=Product | BadRow)


@dataclass(frozen=True, slots=True)
class ShownRow:
    row: int  # as a spreadsheet shows it
    cells: tuple[str, ...]  # in the header's columns, long ones cut


@dataclass(slots=True)
class FirstRows:
    taken: list[ShownRow] = field(default_factory=list)
    _left: int = ALL_CHARACTERS

    @property
    def are_wanted(self) -> bool:
        return len(self.taken) < MOST_ROWS and self._left > 0

    def taken_from(self, rows: Iterable[R]) -> Iterator[R]:
        """The rows as they are."""
        iterator = iter(rows)
        for row in iterator:
            self.taken.append(ShownRow(row.row, tuple(map(self._cut, row.cells))))
            yield row
            if not self.are_wanted:
                break
        yield from iterator

    def _cut(self, cell: str) -> str:
        shown = cell[: min(CELL_CHARACTERS, self._left)]
        self._left -= len(shown)
        return shown
