"""The end of what one run wrote to a log that earlier runs wrote to, for the person at the terminal."""

import os
from collections.abc import Sequence
from pathlib import Path

READ_BYTES = 8192
TOLD_LINES = 5
TOLD_CHARACTERS = 500  # of a line: a stack trace in one line of JSON is longer


class LogEnd:
    """Only what is written after it was made, unless `start` says otherwise."""

    def __init__(self, file: Path, start: int | None = None) -> None:
        self._file = file
        self._start = (file.stat().st_size if file.exists() else 0) if start is None else start

    def lines(self, most_bytes: int = READ_BYTES) -> Sequence[str]:
        """The last ones, without empty ones."""
        try:
            with self._file.open("rb") as log:
                size = log.seek(0, os.SEEK_END)
                start = self._start if self._start <= size else 0  # it was begun anew meanwhile
                log.seek(max(start, size - most_bytes))
                text = log.read().decode(errors="replace")
        except FileNotFoundError:
            return []
        return [line.rstrip() for line in text.split("\n") if line.strip()]

    def last_words(self) -> str:
        return self.lines()[-1].strip() if self.lines() else ""

    def told(self) -> str:
        """Its last lines and where they stand: the end of a sentence."""
        lines = self.lines()[-TOLD_LINES:]
        if not lines:
            return f"; it wrote nothing to {self._file}"
        ends = "".join(f"\n    {line[:TOLD_CHARACTERS]}" for line in lines)
        return f"; {self._file} ends with{ends}"
