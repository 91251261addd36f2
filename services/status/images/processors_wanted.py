"""How many processors the backlog wants (pure). Kafka's lag says nothing about it: the dispatch window bounds
the lag, so it is a few hundred messages with a thousand images open as well as with a million.
"""

import math
from dataclasses import dataclass

WORK_OFF_SECONDS = 60.0
ASSUMED_IMAGES_PER_SECOND = 40.0  # of one processor, until it is measured
LEAST_IMAGES_PER_SECOND = 0.1
LEARNING = 0.2
BUSY_SECONDS = 5.0  # while more work than this waits, the processors are at their limit


@dataclass(frozen=True, slots=True)
class Observed:
    open_images: int
    images_per_second: float
    processors: int


def learned_rate(known: float, observed: Observed) -> float:
    """Images a second of one processor. A processor that waits for work does not show its rate."""
    waiting_seconds = observed.open_images / max(observed.images_per_second, LEAST_IMAGES_PER_SECOND)
    if observed.processors == 0 or observed.images_per_second <= 0 or waiting_seconds < BUSY_SECONDS:
        return known
    seen = observed.images_per_second / observed.processors
    return max(LEAST_IMAGES_PER_SECOND, known + LEARNING * (seen - known))


def processors_wanted(open_images: int, images_per_second_per_processor: float) -> int:
    return math.ceil(open_images / (images_per_second_per_processor * WORK_OFF_SECONDS))
