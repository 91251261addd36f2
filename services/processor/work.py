"""What the handler has found out so far about one image, and how long each stage took."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from services.processor.ports import Dependencies
from services.processor.stopwatch import Stopwatch
from shared.consuming.handling import Incoming
from shared.contract.events import ImageRequested, StageTimes

Stage = Literal["fetch", "queue", "codec", "store"]  # as StageTimes names them


class ToStore(NamedTuple):
    """What is kept of an image: the original, or what was made of it."""

    key: str
    sha256: str
    data: bytes


@dataclass(slots=True, kw_only=True)
class Work:
    """What is known so far of one image."""

    message: Incoming[ImageRequested]
    dependencies: Dependencies
    started: float
    bytes_in: int = 0
    pixels: int = 0
    original_key: str | None = None
    decode_ms: float = 0
    encode_ms: float = 0
    stopwatches: dict[Stage, Stopwatch] = field(default_factory=dict)

    @property
    def event(self) -> ImageRequested:
        return self.message.event

    def timed(self, stage: Stage) -> Stopwatch:
        return self.stopwatches.setdefault(stage, Stopwatch(self.dependencies.clock))

    def times(self) -> StageTimes:
        total_seconds = self.dependencies.clock() - self.started
        return StageTimes(
            **{f"{stage}_ms": stopwatch.milliseconds for stage, stopwatch in self.stopwatches.items()},
            decode_ms=self.decode_ms,
            encode_ms=self.encode_ms,
            total_ms=round(total_seconds * 1000, 2),
        )
