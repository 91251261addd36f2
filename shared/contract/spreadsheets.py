"""How a spreadsheet names its columns, in what is told of one that came and in one that is made (pure)."""

from functools import cache

LETTERS = 26


@cache  # a sheet has 16,384 columns at most
def column_letters(column: int) -> str:
    """Counted from 0."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, LETTERS)
        letters = chr(ord("A") + letter) + letters
    return letters
