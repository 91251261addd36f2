"""The shop whose images are compressed: a host in a process of its own, and CSVs that list it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.world.helper import helper


@dataclass(frozen=True, slots=True)
class Shop:
    """Image URLs without end: the files in turn, each time at another address."""

    address: str
    files: Sequence[Path]

    def file(self, row: int) -> Path:
        return self.files[row % len(self.files)]

    def url(self, row: int, mark: str) -> str:
        return f"{self.address}/{self.file(row).name}?{mark}-{row}"

    def urls(self, rows: int, mark: str) -> Sequence[str]:
        """No two marks share a URL."""
        return [self.url(row, mark) for row in range(rows)]

    def csv(self, rows: int, mark: str) -> bytes:
        return csv_of(self.urls(rows, mark))


def csv_of(urls: Sequence[str]) -> bytes:
    """A product with one image a row."""
    lines = (f"{row + 1},Product {row + 1},{url}" for row, url in enumerate(urls))
    return "\n".join(["S. No.,Product Name,Input Image Urls", *lines, ""]).encode()


@contextmanager
def open_shop(files: Sequence[Path], delay_seconds: float = 0, *, per_second: float = 0) -> Iterator[Shop]:
    """The files of one folder, served on a free port while the block runs: each answer after the delay, and
    no more than so many a second.
    """
    arguments = (str(files[0].parent), str(delay_seconds), str(per_second))
    with helper("bench.programs.image_host", *arguments) as port:
        yield Shop(f"http://127.0.0.1:{port}", files)
