"""Rows as statements take them: one array for each column, for `unnest`. Without a row each is empty."""

from collections.abc import Iterable, Sequence


def columns(row: type, rows: Sequence[tuple[object, ...]]) -> Iterable[Sequence[object]]:
    """`row` is the class that names the columns."""
    return zip(*rows, strict=True) if rows else [()] * len(row.__annotations__)
