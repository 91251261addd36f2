"""What Python objects a block holds at most, in bytes: the same everywhere, as resident memory is not."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Traced:
    most_bytes: int = 0


@contextmanager
def traced_memory() -> Iterator[Traced]:
    """How much more than before was held at any moment of the block, known at its end."""
    traced = Traced()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        yield traced
        traced.most_bytes = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
