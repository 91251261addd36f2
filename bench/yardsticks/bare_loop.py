"""The yardstick: Pillow re-encoding the same files with nothing around it, as many processes as cores."""

import io
import multiprocessing
import os
import resource
import signal
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image


@dataclass(frozen=True, slots=True)
class Speed:
    images_per_second: float
    cpu_ms_per_image: float


def bare_loop(files: Sequence[Path], count: int) -> Speed:
    """`count` images in all, the files in turn."""
    cores = os.cpu_count() or 1
    chosen = [files[number % len(files)] for number in range(count)]
    processes = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="pixmill-bench-") as output,
        processes.Pool(cores, initializer=_leave_signals_to_the_parent) as pool,
    ):
        pool.map(_warm_up, [files[0]] * cores, chunksize=1)
        shares = [(chosen[core::cores], f"{output}/{core}") for core in range(cores)]
        started = time.perf_counter()
        cpu_seconds = sum(pool.starmap(_share, shares, chunksize=1))
        seconds = time.perf_counter() - started
    return Speed(count / seconds, cpu_seconds * 1000 / count)


def _leave_signals_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _warm_up(f: Path) -> None:
    Image.open(f).convert("RGB")


def _share(files: Sequence[Path], prefix: str) -> float:
    """The CPU seconds of this process."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    for number, f in enumerate(files):
        buffer = io.BytesIO()
        Image.open(f).convert("RGB").save(buffer, "JPEG", quality=50)
        Path(f"{prefix}-{number}.jpg").write_bytes(buffer.getvalue())
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
