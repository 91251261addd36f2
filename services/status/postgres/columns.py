"""Turns rows into the arguments of a statement: one array a column, for `unnest`; each empty without rows."""

from collections.abc import Iterable, Sequence


def columns(row: type, rows: Sequence[tuple[object, ...]]) -> Iterable[Sequence[object]]:
    """`row` is the class that names the columns."""
    return zip(*rows, strict=True) if rows else [()] * len(row.__annotations__)
