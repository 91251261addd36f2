"""Holds back what a library says again and again: a client of a broker that is away says the same words many
times a second, for as long as the outage lasts.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

TOLD_AGAIN_SECONDS = 60.0
WORDS_REMEMBERED = 256


@dataclass(slots=True)
class _Told:
    at: float
    repeats: int = 0


class Repeats(logging.Filter):
    """Lets the same words through once a minute; then the record's `repeats` is how often they came since."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told: OrderedDict[tuple[str, int, str], _Told] = OrderedDict()
        self._lock = Lock()  # libraries speak in threads too

    def filter(self, record: logging.LogRecord) -> bool:
        with self._lock:
            repeats = self._repeats(record)
        record.__dict__["repeats"] = repeats
        return repeats is not None

    def _repeats(self, record: logging.LogRecord) -> int | None:
        """None where it is not told."""
        # Not its message: what a library formats wrongly is the handler's to tell.
        words, now = (record.name, record.levelno, f"{record.msg} {record.args}"), self._clock()
        told = self._told.pop(words, None)
        if told is not None and now - told.at < TOLD_AGAIN_SECONDS:
            told.repeats += 1
            self._told[words] = told
            return None
        self._told[words] = _Told(now)
        if len(self._told) > WORDS_REMEMBERED:
            self._told.popitem(last=False)
        return 0 if told is None else told.repeats
