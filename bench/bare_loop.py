"""The yardstick: Pillow re-encoding the same files with nothing around it, as many processes as cores."""

import io
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image


@dataclass(frozen=True)
class BareLoop:
    images_per_second: float
    cpu_ms_per_image: float


def bare_loop(files: Sequence[Path], count: int) -> BareLoop:
    """`count` images in all, the files in turn."""
    cores = os.cpu_count() or 1
    chosen = [files[number % len(files)] for number in range(count)]
    with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("spawn").Pool(cores) as pool:
        pool.map(_nothing, range(cores))
        started = time.perf_counter()
        shares = [(chosen[core::cores], Path(folder) / str(core)) for core in range(cores)]
        cpu_seconds = sum(pool.starmap(_share, shares, chunksize=1))
        seconds = time.perf_counter() - started
    return BareLoop(count / seconds, cpu_seconds * 1000 / count)


def _nothing(_: int) -> None: ...


def _share(files: Sequence[Path], output: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_SELF)
    for number, f in enumerate(files):
        buffer = io.BytesIO()
        Image.open(f).convert("RGB").save(buffer, "JPEG", quality=50)
        Path(f"{output}-{number}.jpg").write_bytes(buffer.getvalue())
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
