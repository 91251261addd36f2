"""What a run came to (pure), as a line of the record and as an exit status."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chaos.live.checker.check import violations
from chaos.live.checker.evidence import Evidence
from chaos.live.checker.redeliveries import redeliveries
from chaos.live.journal import Struck


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    seed: int
    seconds: float
    faults: Mapping[str, int]  # by kind
    missed: Mapping[str, int]  # failpoints that nobody came by in time
    remarks: Sequence[str]
    redeliveries: Mapping[str, int]
    requests: int
    images: int
    violations: Mapping[str, Sequence[str]]

    @property
    def is_good(self) -> bool:
        """A run in which nothing happened proves nothing."""
        return not self.violations and bool(self.faults) and any(self.redeliveries.values())

    def row(self) -> str:
        """Of the table in chaos/record.md."""
        faults = "; ".join(f"{kind} ({count})" for kind, count in sorted(self.faults.items()))
        again = ", ".join(f"{count} {what}" for what, count in self.redeliveries.items() if count)
        cells = (
            str(self.seed),
            f"{self.seconds:.0f}",
            f"{self.requests} / {self.images}",
            f"{sum(self.faults.values())}: {faults}",
            again,
            "; ".join(self.violations) or "nothing",
        )
        return f"| {' | '.join(cells)} |"


def judged(evidence: Evidence, seed: int, seconds: float, *, also_of_time: bool) -> Verdict:
    strikes = evidence.history.of(Struck)
    return Verdict(
        seed=seed,
        seconds=seconds,
        faults=Counter(each.name for each in strikes if each.took_hold),
        missed=Counter(each.name for each in strikes if not each.took_hold),
        remarks=[f"{each.name}: {each.remark}" for each in strikes if each.remark],
        redeliveries=redeliveries(evidence),
        requests=len(evidence.requests),
        images=len(evidence.images),
        violations=violations(evidence, also_of_time=also_of_time),
    )
