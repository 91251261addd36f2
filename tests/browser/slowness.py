"""How much slower this machine is than the one for which the page's milliseconds are promised: by the CPU of
a piece of work that is always the same. A busy machine is slower, too: its cores share their caches.
"""

import time
from statistics import median

ROUNDS = 31
PROMISED_SECONDS = 0.005  # for a round, on the machine where no task took 100 ms
TILES = 12_000


def slowness() -> float:
    """1 on a quicker machine, where what is promised holds as it is."""
    return max(1.0, median(_seconds() for _ in range(ROUNDS)) / PROMISED_SECONDS)


def _seconds() -> float:
    """Of work like a page's: many small objects, an order among them, and their texts."""
    began = time.thread_time()
    tiles = [(number * 7919 % TILES, f"Image {number}") for number in range(TILES)]
    "".join(f"<li>{name}</li>" for _, name in sorted(tiles))
    return time.thread_time() - began
