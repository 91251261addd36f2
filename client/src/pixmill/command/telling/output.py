"""What is said: results on standard output, all else on standard error; with --json one object a line."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from pixmill.command.telling.text import on_one_line, printable

_BOLD, _RED, _GREEN, _PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[0m"


@dataclass(frozen=True)
class Output:
    as_json: bool = False

    def result(self, text: str) -> None:
        """A line that a person asked for."""
        if not self.as_json:
            _write(sys.stdout, printable(text))

    def note(self, text: str) -> None:
        """A line for a person who looks on."""
        if not self.as_json:
            _write(sys.stderr, printable(text))

    def error(self, sentence: str, way_out: str = "") -> None:
        """In one sentence, with a way out below it."""
        if self.as_json:
            return
        _write(sys.stderr, painted(sys.stderr, _RED, "error: ") + printable(sentence))
        if way_out:
            _write(sys.stderr, "  " + printable(way_out))

    def data(self, kind: str, content: Mapping[str, Any]) -> None:
        """A JSON object of this kind, where JSON was asked for."""
        if self.as_json:
            _write(sys.stdout, _json({"kind": kind, **content}))

    def failure(
        self, sentence: str, way_out: str, code: int, problem: Mapping[str, Any] | None = None
    ) -> None:
        """What ends the command, where JSON was asked for."""
        content = {"error": sentence, "way_out": way_out, "exit_code": code, "problem": problem}
        self.data("error", content)

    def table(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Columns as wide as they need to be; the last one may go on as long as it likes."""
        if self.as_json or not rows:
            return
        shown = [[on_one_line(printable(cell)) for cell in row] for row in rows]
        widths = [max(len(row[place]) for row in [list(names), *shown]) for place in range(len(names))]
        _write(sys.stdout, painted(sys.stdout, _BOLD, _aligned(names, widths)))
        for row in shown:
            _write(sys.stdout, _aligned(row, widths))


def good(text: str) -> str:
    return painted(sys.stdout, _GREEN, text)


def bad(text: str) -> str:
    return painted(sys.stdout, _RED, text)


def painted(stream: IO[str], colour: str, text: str) -> str:
    """https://no-color.org"""
    return f"{colour}{text}{_PLAIN}" if has_colours(stream) else text


def has_colours(stream: IO[str]) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _json(content: Mapping[str, Any]) -> str:
    """In the letters of the text, where standard output has them; JSON's escapes are not Python's."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(content, separators=(",", ":"))
    return text


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells[:-1], widths, strict=False)]
    return "  ".join([*padded, cells[-1]])


def _write(stream: IO[str], line: str) -> None:
    """What the terminal's encoding has no letters for is written as escapes."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()
