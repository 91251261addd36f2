"""Which jobs of this process call which to work at once; another process finds the work by polling."""

from dataclasses import dataclass, field

from services.status.jobs.job import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Wakes:
    planners: tuple[Signal, ...] = ()
    completers: tuple[Signal, ...] = ()
    dispatcher: Signal = field(default_factory=Signal)
    announcer: Signal = field(default_factory=Signal)
    deliveries: Signal = field(default_factory=Signal)

    def plan(self) -> None:
        for signal in self.planners:
            signal.set()

    def complete(self) -> None:
        for signal in self.completers:
            signal.set()
