"""A few cells with letters beyond ASCII: by them a person sees whether the encoding is right (pure)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from services.ingest.csv_file.encodings.damage import REPLACEMENT
from services.ingest.csv_file.encodings.found import FoundEncoding
from services.ingest.csv_file.findings.excerpt import excerpt
from services.ingest.csv_file.rows.row import BadRow, Product

MOST_CELLS = 3

R = TypeVar("R", bound=Product | BadRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCell:
    row: int
    column: str
    value: str
    otherwise: str | None  # as it would read in the second best encoding


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCells:
    """Different ones, letters before mere signs."""

    encoding: FoundEncoding
    columns: tuple[str, ...]
    _letters: dict[str, SampleCell] = field(default_factory=dict)
    _signs: dict[str, SampleCell] = field(default_factory=dict)

    def taken_from(self, rows: Iterable[R]) -> Iterator[R]:
        """The rows as they are."""
        iterator = iter(rows)
        return self._looked_at(iterator) if self.are_wanted else iterator

    @property
    def are_wanted(self) -> bool:
        return not self.encoding.is_ascii and len(self._letters) < MOST_CELLS

    def first(self) -> tuple[SampleCell, ...]:
        return (*self._letters.values(), *self._signs.values())[:MOST_CELLS]

    def _looked_at(self, rows: Iterator[R]) -> Iterator[R]:
        for row in rows:
            if not "".join(row.cells).isascii():
                self._take(row)
            yield row
            if not self.are_wanted:
                break
        yield from rows

    def _take(self, row: Product | BadRow) -> None:
        for column, cell in zip(self.columns, row.cells, strict=False):
            place = _place_beyond_ascii(cell)
            if place is None or REPLACEMENT in cell:
                continue
            kind = self._letters if cell[place].isalpha() else self._signs
            if len(kind) < MOST_CELLS:
                kind.setdefault(cell, self._sample(row.row, column, cell, place))

    def _sample(self, row: int, column: str, cell: str, place: int) -> SampleCell:
        other = self.encoding.otherwise
        return SampleCell(
            row=row,
            column=column,
            value=excerpt(cell, place),
            otherwise=None if other is None else excerpt(self._read_as(other, cell), place),
        )

    def _read_as(self, codec: str, cell: str) -> str:
        return cell.encode(self.encoding.codec, "replace").decode(codec, "replace")


def _place_beyond_ascii(cell: str) -> int | None:
    """Of the first letter, else of the first sign."""
    if cell.isascii():
        return None
    beyond = [
        (not character.isalpha(), place) for place, character in enumerate(cell) if not character.isascii()
    ]
    return min(beyond)[1]
