"""Which jobs call which to work at once."""

from dataclasses import dataclass, field

from services.status.jobs.job import Signal


@dataclass(frozen=True)
class Wakes:
    """Who calls whom inside one process; between processes polling does it."""

    planners: tuple[Signal, ...]
    completers: tuple[Signal, ...]
    dispatcher: Signal = field(default_factory=Signal)
    announcer: Signal = field(default_factory=Signal)
    deliveries: Signal = field(default_factory=Signal)

    def plan(self) -> None:
        for signal in self.planners:
            signal.set()

    def complete(self) -> None:
        for signal in self.completers:
            signal.set()
