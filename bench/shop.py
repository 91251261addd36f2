"""The shop whose images are compressed: a host in a process of its own, and CSVs that list it."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.figures import WrongResult

STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Shop:
    """Image URLs without end: the files in turn, each time at another address."""

    address: str
    files: Sequence[Path]

    def file(self, row: int) -> Path:
        return self.files[row % len(self.files)]

    def url(self, row: int, mark: str) -> str:
        return f"{self.address}/{self.file(row).name}?{mark}-{row}"

    def csv(self, rows: int, mark: str) -> bytes:
        """No two marks share a URL."""
        lines = (f"{row + 1},Product {row + 1},{self.url(row, mark)}" for row in range(rows))
        return "\n".join(["S. No.,Product Name,Input Image Urls", *lines, ""]).encode()


@contextmanager
def open_shop(files: Sequence[Path], delay_seconds: float = 0) -> Iterator[Shop]:
    """The files of one folder, served on a free port while the block runs; each answer after the delay."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.image_host", str(files[0].parent), str(delay_seconds)],
        stdin=subprocess.PIPE,  # it ends with us: this pipe is closed even after a kill -9
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is our business
    ) as process:
        assert process.stdout is not None
        try:
            port = process.stdout.readline().strip()
            if not port:
                raise WrongResult("the image host did not start")
            yield Shop(f"http://127.0.0.1:{port}", files)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
