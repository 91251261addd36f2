"""Commands as they run in a terminal of their own, frame by frame, as somebody who looks on sees them."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path

import pyte
from pyte.screens import Char

from tests.terminal.drawing import Frame, Line, Span

COLUMNS, ROWS = 96, 22
PROMPT = "\x1b[1;32m$\x1b[0m "
LETTER_SECONDS, BEFORE_SECONDS, AFTER_SECONDS = 0.06, 0.6, 1.6  # how fast a person types, and reads
LONGEST_PAUSE_SECONDS = 0.7
SHORTEST_FRAME_SECONDS = 0.05
COLOURS = {
    "red": "#ff7b72",
    "green": "#56d364",
    "brown": "#e3b341",
    "blue": "#79c0ff",
    "magenta": "#d2a8ff",
    "cyan": "#76e3ea",
}
READ_BYTES = 65_536


class Recorder:
    """`said_as` replaces in what is shown what is of this run alone, as a port."""

    def __init__(self, folder: Path, environment: Mapping[str, str], said_as: Mapping[str, str]) -> None:
        self.frames: list[Frame] = []
        self._folder, self._said_as = folder, said_as
        self._environment = {**environment, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._now = 0.0

    def run(self, command: Sequence[str]) -> int:
        """Types it, runs it, and waits as long as a person reads; returns how it ended."""
        self._type(" ".join(command))
        status = self._ran(command)
        self._now += AFTER_SECONDS
        return status

    def _type(self, text: str) -> None:
        self._show(PROMPT.encode())
        self._now += BEFORE_SECONDS
        for letter in text:
            self._show(letter.encode())
            self._now += LETTER_SECONDS
        self._show(b"\r\n")

    def _ran(self, command: Sequence[str]) -> int:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        with subprocess.Popen(
            command, cwd=self._folder, env=self._environment, stdin=theirs, stdout=theirs, stderr=theirs
        ) as process:
            os.close(theirs)
            last = time.monotonic()
            for piece in _pieces(ours):
                now = time.monotonic()
                self._now += min(now - last, LONGEST_PAUSE_SECONDS)
                last = now
                self._show(piece)
        os.close(ours)
        return process.returncode

    def _show(self, piece: bytes) -> None:
        self._stream.feed(piece)
        lines = tuple(self._line(row) for row in range(ROWS))
        if self._stood_too_short():
            self.frames.pop()
        self.frames.append(Frame(self._now, lines))

    def _stood_too_short(self) -> bool:
        """The last frame, so that nobody would have seen it: a letter that is typed does not."""
        moments = [frame.at_seconds for frame in self.frames[-2:]]
        return len(moments) > 1 and moments[1] - moments[0] < SHORTEST_FRAME_SECONDS

    def _line(self, row: int) -> Line:
        letters = [self._screen.buffer[row][column] for column in range(COLUMNS)]
        alike = groupby(letters, _look)
        spans = [self._span(look, "".join(each.data for each in same)) for look, same in alike]
        while spans and not spans[-1].text.strip():
            spans.pop()
        if spans:
            spans[-1] = Span(spans[-1].text.rstrip(), spans[-1].colour, spans[-1].is_bold)
        return tuple(spans)

    def _span(self, look: tuple[str, bool], text: str) -> Span:
        for ours, shown in self._said_as.items():
            text = text.replace(ours, shown)
        colour, is_bold = look
        return Span(text, COLOURS.get(colour, "" if colour == "default" else f"#{colour}"), is_bold)


def _look(letter: Char) -> tuple[str, bool]:
    return letter.fg, letter.bold


def _pieces(terminal: int) -> Iterator[bytes]:
    """Until nobody writes any longer, which Linux says by an error."""
    with suppress(OSError):
        while piece := os.read(terminal, READ_BYTES):
            yield piece
