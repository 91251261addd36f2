"""What the bench says: one JSON line a figure on standard output, all else on standard error."""

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

WITHIN, BEYOND = "within", "beyond"


class WrongResult(Exception):  # noqa: N818 - the bench measures only what really happened
    """Something that was measured did not do its work."""


@dataclass(frozen=True, slots=True)
class Figure:
    """`about` says what the value was measured over."""

    name: str
    value: float
    unit: str
    about: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        return json.dumps(
            {"name": self.name, "value": rounded(self.value), "unit": self.unit}
            | {key: rounded(value) for key, value in self.about.items()}
        )


def rounded(value: Any) -> Any:
    match value:
        case float():
            return round(value, 3)
        case Mapping():
            return {key: rounded(each) for key, each in value.items()}
        case list() | tuple():
            return [rounded(each) for each in value]
    return value


def duration_figure(name: str, durations_ms: Sequence[float], **about: Any) -> Figure:
    """The median, with the spread beside it."""
    p50, p95 = percentile(durations_ms, 50), percentile(durations_ms, 95)
    spread = {"n": len(durations_ms), "p50": p50, "p95": p95, "max": max(durations_ms)}
    return Figure(name, p50, "ms", spread | about)


def mean_figure(name: str, values: Sequence[float], unit: str, **about: Any) -> Figure:
    """The mean over the rounds, with every round beside it."""
    return Figure(name, statistics.fmean(values), unit, {"n": len(values), "rounds": list(values)} | about)


def bounded_figure(
    name: str, value: float, unit: str, *, bound: float, target: float, **about: Any
) -> Figure:
    """Of what no machine's speed blurs: more than the bound is a failure; the target is what is wanted."""
    verdict = WITHIN if value <= bound else BEYOND
    return Figure(name, value, unit, {"bound": bound, "target": target, "verdict": verdict} | about)


def require_within_bounds(figures: Sequence[Figure]) -> None:
    if beyond := [figure.name for figure in figures if figure.about.get("verdict") == BEYOND]:
        raise WrongResult(f"beyond the bound: {', '.join(beyond)}")


def percentile(values: Sequence[float], percent: int) -> float:
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)
