"""How long the client waits for a server: for an answer, and between one try and the next (pure)."""

import random
from collections.abc import Callable
from dataclasses import dataclass

_FIRST_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Patience:
    """Seconds and tries; every default is meant for a server on the internet."""

    connect_seconds: float = 10
    read_seconds: float = 60  # of silence, of a call that answers at once
    # Of silence in an upload, a piece of which goes out slowly, and after it: a large file is judged first.
    upload_seconds: float = 600
    tries: int = 5  # of one call
    tries_of_a_wait: int = 20  # of `wait` and `follow`, without any news in between: about eight minutes
    longest_pause_seconds: float = 30  # a longer Retry-After is not waited for but raised

    def pause_seconds(
        self, failures: int, retry_after_seconds: float | None, chance: Callable[[], float] = random.random
    ) -> float:
        """Before the next try: what the server asked for, else twice as long each time, never the same."""
        if retry_after_seconds is not None:
            return retry_after_seconds
        doubled: float = _FIRST_PAUSE_SECONDS * 2 ** min(failures - 1, 10)
        return min(doubled, self.longest_pause_seconds) * (0.75 + chance() / 2)
