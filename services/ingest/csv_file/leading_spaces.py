"""Gives cells back the spaces before them, which the csv module skips to find a quotation mark behind (pure).

A space before a quotation mark is how some programs write CSV. One before anything else belongs to the cell.
"""

import csv
from collections.abc import Iterator, Sequence


def with_leading_spaces(lines: Sequence[str], cells: list[str], delimiter: str) -> list[str]:
    """The cells of one row as they stand in its lines; `cells` were read with `skipinitialspace`."""
    text = lines[0] if len(lines) == 1 else "".join(lines)
    gap = delimiter + " "
    if text[0] != " " and '" ' not in text and text.count(gap) == "\n".join(cells).count(gap):
        return cells  # each gap stands inside a quoted cell
    exact = _read_exactly(lines, delimiter)
    if len(exact) == len(cells) and all(map(_differ_in_spaces_alone, exact, cells)):
        return exact
    return list(_walked(text, cells, delimiter))


def _read_exactly(lines: Sequence[str], delimiter: str) -> list[str]:
    """Right where no quotation mark stands behind a space."""
    try:
        return next(csv.reader(lines, delimiter=delimiter), [])
    except csv.Error:
        return []


def _differ_in_spaces_alone(exact: str, cell: str) -> bool:
    return exact == cell or (exact.endswith(cell) and not exact[: len(exact) - len(cell)].strip(" "))


def _walked(text: str, cells: Sequence[str], delimiter: str) -> Iterator[str]:
    """Cell by cell, where some have a quotation mark behind their spaces and others have none."""
    start = 0
    for cell in cells:
        begin = _behind_spaces(text, start)
        is_quoted = text[begin : begin + 1] == '"'
        yield cell if is_quoted else text[start:begin] + cell
        end = text.find(delimiter, _behind_quotes(text, begin + 1) if is_quoted else begin)
        start = len(text) if end == -1 else end + 1


def _behind_spaces(text: str, at: int) -> int:
    while text[at : at + 1] == " ":
        at += 1
    return at


def _behind_quotes(text: str, at: int) -> int:
    """Where the quoted cell is closed whose inside begins there; a doubled mark is one inside."""
    while (mark := text.find('"', at)) != -1:
        if text[mark + 1 : mark + 2] != '"':
            return mark + 1
        at = mark + 2
    return len(text)
