"""How many images may be in flight, in all and of one request (pure): as many as end in the time that one is
out, by Little's law.
"""

import math
from dataclasses import dataclass

TAKE_BY_SECONDS = 120.0  # after it was asked for, no processor begins with an image any more
FLOOR_IMAGES = 32
TRANSPORT_SECONDS = 0.4  # what an image may spend on the way, besides the work itself
RESTED_SECONDS = 0.1  # of these, for which results wait for each other; longer rests come on top
OWN_SECONDS_MOST = 1.0  # a broker that hangs is no reason for more
SMOOTHING = 0.2  # the weight of the latest value
REQUEST_FLOOR_IMAGES = 24  # a small request is asked for at once, before anything is known of it
REQUEST_SECONDS = 2.0  # a request may have in flight what it ends in so long,
REQUEST_TIMES = 3.0  # or in so many times as long as images are out: else it would never grow in a long queue
MEMORY_SECONDS = 1.0  # after which what came counts for about a third
SHORTEST_SECONDS = 0.1  # a rate is measured over no less
FORGOTTEN_IMAGES = 0.001  # as much as is left of one after seven seconds
OVERDUE_TIMES = 3.0  # an image hangs that is out for so many times as long as images that end well are
OVERDUE_LEAST_SECONDS = 1.0
EXCUSED_IMAGES = 42  # so many hanging images hold no place: two thirds of what one processor works on


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What came lately. A moment counts for the less, the longer ago it is."""

    total: int  # the counter at its last reading
    total_work_seconds: float
    read_at: float  # on Postgres's clock
    recent: float = 0.0
    recent_work_seconds: float = 0.0
    recent_seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return self.recent / max(self.recent_seconds, SHORTEST_SECONDS)

    @property
    def mean_work_seconds(self) -> float:
        return self.recent_work_seconds / self.recent if self.recent > FORGOTTEN_IMAGES else 0.0


def observed(flow: Flow | None, total: int, total_work_seconds: float, now: float) -> Flow:
    """The flow after another reading of its counters, or the first. A counter that fell begins anew."""
    if flow is None or now < flow.read_at or total < flow.total:
        return Flow(total=total, total_work_seconds=total_work_seconds, read_at=now)
    elapsed = now - flow.read_at
    kept = math.exp(-elapsed / MEMORY_SECONDS)
    counts = MEMORY_SECONDS * (1 - kept) / elapsed if elapsed > 0 else 1.0  # as what comes evenly does
    worked = max(total_work_seconds - flow.total_work_seconds, 0.0)
    return Flow(
        total=total,
        total_work_seconds=total_work_seconds,
        read_at=now,
        recent=flow.recent * kept + (total - flow.total) * counts,
        recent_work_seconds=flow.recent_work_seconds * kept + worked * counts,
        recent_seconds=flow.recent_seconds * kept + elapsed * counts,
    )


def window(flow: Flow, own_seconds: float = 0.0) -> int:
    """How many images may be in flight in all.

    `own_seconds` is what this service itself takes to ask for images and to settle them. Without it a busy
    machine would make the window smaller, hence the results fewer, hence the window smaller still.
    """
    seconds = TRANSPORT_SECONDS + own_seconds + flow.mean_work_seconds
    return max(FLOOR_IMAGES, math.ceil(flow.per_second * seconds))


def smoothed(seconds: float, latest: float) -> float:
    """A duration that follows its latest values, none of them counted for more than OWN_SECONDS_MOST."""
    return seconds + (min(latest, OWN_SECONDS_MOST) - seconds) * SMOOTHING


def request_limit(flow: Flow, usual_seconds: float = 0.0) -> int:
    """How many images one request may have in flight: a request that hangs cannot fill the window.

    `usual_seconds` is how long images that end well are out.
    """
    seconds = max(REQUEST_SECONDS, REQUEST_TIMES * usual_seconds)
    return max(REQUEST_FLOOR_IMAGES, math.ceil(flow.per_second * seconds))


def overdue_seconds(usual_seconds: float) -> float:
    """How long an image is out before it counts as hanging: far longer than images that end well are.

    In a long queue all images are out for longer, so none of them hangs and lets still more into the queue.
    """
    return max(OVERDUE_LEAST_SECONDS, OVERDUE_TIMES * usual_seconds)


def excused(overdue: int) -> int:
    """How many of the images that hang hold no place, so that they do not hold up those that work."""
    return min(overdue, EXCUSED_IMAGES)
