"""An iterator over lines that can look at the next ones, take many of them at once, or put some back."""

import io
from collections.abc import Callable, Iterable, Sequence


class LinesAhead:
    def __init__(self, lines: Iterable[str], read_text: Callable[[], str] = str) -> None:
        """`read_text` reads whole lines of what `lines` would give next; nothing at the end."""
        self._lines = iter(lines)
        self._read_text = read_text
        self.block: Sequence[str] = ()
        self.at = 0  # of the block, the line that comes next

    def __iter__(self) -> "LinesAhead":
        return self

    def __next__(self) -> str:
        if self.at == len(self.block):
            return next(self._lines)
        self.at += 1
        return self.block[self.at - 1]

    def put_back(self, lines: Sequence[str]) -> None:
        self.block, self.at = (*lines, *self.block[self.at :]), 0

    def read_block(self) -> None:
        """In place of one that is used up."""
        self.block, self.at = io.StringIO(self._read_text(), newline="").readlines(), 0
