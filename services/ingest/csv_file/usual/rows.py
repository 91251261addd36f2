"""Rows in the usual form, and their lines of rows.ndjson as JSON's own writer makes them (pure)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count, islice
from typing import Self

from services.ingest.csv_file.usual.form import UsualForm

_NEXT_CELL = '","'


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualRows:
    form: UsualForm
    first_row: int
    rows: Sequence[tuple[str, ...]]  # the cells of each
    urls: Sequence[Sequence[str]]

    @classmethod
    def of(cls, matches: Iterable[re.Match[str] | None], form: UsualForm, *, first_row: int) -> Self:
        rows = [form.cells_of(match) for match in matches if match]
        return cls(form=form, first_row=first_row, rows=rows, urls=list(map(form.urls_of, rows)))

    def serial_numbers(self) -> list[str]:
        return [cells[self.form.serial_number] for cells in self.rows]

    def all_urls(self) -> list[str]:
        return list(chain.from_iterable(self.urls))

    def lines(self, first_ordinal: int, first_uses: Iterable[int]) -> bytes:
        """`first_uses` are the ordinals under which their addresses came first."""
        number, name = self.form.serial_number, self.form.product_name
        images = _images(first_ordinal, chain.from_iterable(self.urls), first_uses)
        numbered = zip(count(self.first_row), self.rows, self.urls, strict=False)
        return "".join(
            [
                f'{{"row":{row},"serial_number":"{cells[number]}","name":"{cells[name].rstrip()}",'
                f'"cells":["{_NEXT_CELL.join(cells)}"],"images":[{",".join(islice(images, len(urls)))}]}}\n'
                for row, cells, urls in numbered
            ]
        ).encode()


def _images(first_ordinal: int, urls: Iterable[str], first_uses: Iterable[int]) -> Iterable[str]:
    return iter(
        [
            f'{{"ordinal":{ordinal},"url":"{url}"}}'
            if ordinal == first
            else f'{{"ordinal":{ordinal},"url":"{url}","same_as":{first}}}'
            for ordinal, url, first in zip(count(first_ordinal), urls, first_uses, strict=False)
        ]
    )
