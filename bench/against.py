"""Measures this checkout and another commit in turn: a machine's speed drifts from minute to minute, so only
what was measured side by side is compared. Both are measured by this checkout's bench, in one environment: of
the rest of the checkout the bench takes only what older commits have too.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import Figure, WrongResult, say

ROOT = Path(__file__).parents[1]

Values = Mapping[str, float]  # of one run, by figure


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two commits, in a folder of its own."""

    name: str
    folder: Path

    def values(self, names: Sequence[str], processors: int) -> Values:
        """One run of these measures."""
        say(f"{self.name}: {', '.join(names)}")
        command = [sys.executable, "-m", "bench", "--only", ",".join(names), "--processors", str(processors)]
        ended = subprocess.run(command, cwd=self.folder, stdout=subprocess.PIPE, text=True, check=False)
        if ended.returncode:
            raise WrongResult(f"the bench of {self.name} ended with {ended.returncode}")
        return values_of(ended.stdout)


def against(revision: str, names: Sequence[str], *, processors: int, rounds: int) -> Iterator[Figure]:
    """Each round's ratios as soon as they are known, then the medians."""
    pairs: list[tuple[Values, Values]] = []
    with _worktree(revision) as folder:
        sides = (Side("here", ROOT), Side(revision, folder))
        for number in range(1, rounds + 1):
            say(f"round {number} of {rounds}")
            in_turn = sides if number % 2 else sides[::-1]  # whoever is second has the warmer machine
            measured = {side.name: side.values(names, processors) for side in in_turn}
            pairs.append((measured["here"], measured[revision]))
            yield from ratios(pairs[-1:], revision)
    if rounds > 1:
        yield from ratios(pairs, revision)


def values_of(lines: str) -> Values:
    """Nested figures by the names of their parts."""
    values: dict[str, float] = {}
    for line in lines.splitlines():
        figure: Mapping[str, Any] = json.loads(line)
        values[figure["name"]] = figure["value"]
        for about, parts in figure.items():
            if about.endswith("by_part"):
                values |= {f"{figure['name']}.{part}": value for part, value in parts.items()}
    return values


def ratios(pairs: Sequence[tuple[Values, Values]], revision: str) -> Iterator[Figure]:
    """Here ÷ there, of what both have measured."""
    for name in pairs[0][0]:
        both = [(here[name], there[name]) for here, there in pairs if here.get(name) and there.get(name)]
        if both:
            each = [here / there for here, there in both]
            about = {
                "rounds": each,
                "here": statistics.median(here for here, _ in both),
                revision: statistics.median(there for _, there in both),
            }
            yield Figure(f"{name}_ratio_to_{revision}", statistics.median(each), "ratio", about)


@contextmanager
def _worktree(revision: str) -> Iterator[Path]:
    """That commit with today's bench."""
    with tempfile.TemporaryDirectory(prefix="pixmill-bench-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary, "checkout")
        _git("worktree", "add", "--quiet", "--detach", str(folder), revision)
        try:
            shutil.rmtree(folder / "bench")
            shutil.copytree(ROOT / "bench", folder / "bench", ignore=shutil.ignore_patterns("__pycache__"))
            for build in sorted(folder.glob("*/*/native/build.sh")):
                subprocess.run([build], check=True)
            yield folder
        finally:
            _git("worktree", "remove", "--force", str(folder))


def _git(*arguments: str) -> None:
    if subprocess.run(["git", *arguments], cwd=ROOT, check=False, stdout=sys.stderr).returncode:
        raise WrongResult(f"git {arguments[0]} failed")
