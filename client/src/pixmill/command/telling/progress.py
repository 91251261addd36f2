"""Progress: bars on a terminal, plain lines in a pipe, JSON where that was asked for."""

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from pixmill.command.telling.output import Output
from pixmill.command.telling.text import duration, size
from pixmill.records import Request

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_PLAIN_STEP_PERCENT = 10
_SHORTEST_BAR = 5
_DOWNLOADING = "downloading"
_GAP = "  "


def watching(out: Output) -> "Watching":
    """Shows how a request goes on."""
    return WatchingOnATerminal(out) if _can_show_bars(out) else Watching(out)


class Watching:
    """A plain line each time that another tenth is done, and one when the state changes."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._told: tuple[str, int] | None = None
        self._began: tuple[float, int] | None = None

    def __enter__(self) -> "Watching":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def look(self, request: Request) -> None:
        self._out.data("progress", {"request": request.json})
        now = (request.state, int(request.progress // _PLAIN_STEP_PERCENT))
        if now != self._told:
            self._told = now
            self._out.note(f"{request.state}  {request.progress:g} %  {_GAP.join(self.told(request))}")

    def stand_still(self) -> None:
        """What was written in a line was true then."""

    def told(self, request: Request, *, goes_on: bool = True) -> list[str]:
        """`12/40 images  3.1 images/s  9.8 MB saved  8 s left`, what matters most first."""
        counts = request.counts
        ended = counts.images - counts.remaining
        parts = [f"{ended:,}/{counts.images:,} images", self._rate(ended) if goes_on else ""]
        parts.append(f"{size(request.bytes_saved)} saved" if request.bytes_saved > 0 else "")
        parts.append(f"{counts.failed:,} failed" if counts.failed else "")
        parts.append(f"{duration(request.eta_seconds)} left" if request.eta_seconds and goes_on else "")
        return [part for part in parts if part]

    def _rate(self, ended: int) -> str:
        """Since we look on; only shown, nothing is decided by it."""
        now = time.monotonic()
        if self._began is None:
            self._began = (now, ended)
        seconds, images = now - self._began[0], ended - self._began[1]
        return f"{images / seconds:.1f} images/s" if images and seconds else ""


class WatchingOnATerminal(Watching):
    """A bar."""

    def __enter__(self) -> "WatchingOnATerminal":
        self._bar = _bar("{task.description}", "{task.fields[told]}")
        self._task = self._bar.add_task("waiting", total=100, told="")
        self._latest: Request | None = None
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def look(self, request: Request) -> None:
        self._latest = request
        self._show(request, self.told(request))

    def stand_still(self) -> None:
        """No speed, and no time left that would never come nearer."""
        if self._latest is not None:
            self._show(self._latest, self.told(self._latest, goes_on=False))

    def _show(self, request: Request, parts: list[str]) -> None:
        told = _fitting(self._bar, request.state, parts)
        self._bar.update(self._task, completed=request.progress, description=request.state, told=told)


class Sending:
    """How much of a file is sent, if that takes long enough to look at."""

    def __init__(self, out: Output, length: int) -> None:
        self.began = False
        self._shows = _can_show_bars(out) and length > 2_000_000  # noqa: PLR2004 - 2 MB
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> "Sending":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def sent(self, so_far: int, whole: int) -> None:
        self.began = True
        if not self._shows:
            return
        if self._bar is None or self._task is None:
            self._bar = _bar("sending", "{task.fields[told]}")
            self._task = self._bar.add_task("sending", total=whole, told="")
            self._bar.start()
        self._bar.update(self._task, completed=so_far, told=f"{size(so_far)} of {size(whole)}")


class Downloading:
    """How many files are there."""

    def __init__(self, out: Output, images: int) -> None:
        self._out, self._images, self._files, self._bytes = out, images, 0, 0
        self._bar: Any = None
        if _can_show_bars(out):
            self._bar = _bar(_DOWNLOADING, "{task.fields[told]}")
            self._task = self._bar.add_task(_DOWNLOADING, total=max(images, 1), told="")

    def __enter__(self) -> "Downloading":
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def came(self, length: int) -> None:
        self._files, self._bytes = self._files + 1, self._bytes + length
        told = [f"{self._files:,}/{self._images:,} images", size(self._bytes)]
        if self._bar:
            fitting = _fitting(self._bar, _DOWNLOADING, told)
            self._bar.update(self._task, completed=self._files, told=fitting)
        elif self._files % max(self._images // 10, 1) == 0:
            self._out.note(_GAP.join(told))


def _can_show_bars(out: Output) -> bool:
    """A dumb terminal, as a shell in an editor, cannot draw a line anew."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not out.as_json


def _fitting(bar: "Progress", description: str, parts: list[str]) -> str:
    """As many parts as leave the state and the percent their place on a narrow terminal."""
    room = bar.console.width - len(f"{description} 100 % ") - _SHORTEST_BAR
    kept = next((count for count in range(len(parts), 1, -1) if len(_GAP.join(parts[:count])) <= room), 1)
    return _GAP.join(parts[:kept])


def _bar(description: str, told: str) -> "Progress":
    from rich.console import Console  # noqa: PLC0415 - takes as long as a whole command
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    return Progress(
        TextColumn(description),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn(told),
        console=Console(stderr=True),
        expand=True,
        transient=True,
    )
