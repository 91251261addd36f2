"""The figures of one machine, as the bench wrote them: one JSON line each."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Readings:
    lines: Sequence[Line]

    @classmethod
    def of(cls, file: Path) -> "Readings":
        return cls([json.loads(line) for line in file.read_text("utf-8").splitlines()])

    def all(self, name: str) -> Sequence[Line]:
        """Of this figure, in the order in which they were measured."""
        if found := [line for line in self.lines if line["name"] == name]:
            return found
        raise KeyError(f"nobody measured {name}")

    def value(self, name: str) -> float:
        """The latest."""
        return float(self.all(name)[-1]["value"])

    def by(self, name: str, about: str) -> Iterator[tuple[Any, Line]]:
        """Each value of what the figure tells about itself, with its latest line."""
        yield from {line[about]: line for line in self.all(name)}.items()
