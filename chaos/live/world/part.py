"""One process of the world, started again when it dies, unless a fault keeps it away. It knows neither why it
is attacked nor what it is for.
"""

import asyncio
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from chaos.live.world import process_tree
from deploy.local.processes.child import Child, Program, how_it_ended, stop

POLL_SECONDS = 0.05
RESTART_SECONDS = 1.0  # between two starts at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """Of a process that was to go on. `at` is in seconds since the epoch."""

    part: str
    at: float
    how: str
    last_words: str


@dataclass(slots=True, kw_only=True, eq=False)
class Part:
    """Start it in the main thread, where children belong."""

    name: str
    role: str
    program: Program
    is_ready: Callable[[], bool]
    child: Child | None = None
    is_wanted: bool = False
    _started_at: float = 0.0

    def start(self) -> None:
        self.is_wanted, self._started_at = True, time.monotonic()
        self.child = Child(self.program)

    @property
    def pid(self) -> int:
        return self._living.pid

    @property
    def is_running(self) -> bool:
        return self.child is not None and self.child.status() is None

    def send(self, number: signal.Signals) -> None:
        self._living.send(number)

    def kill(self) -> None:
        """Whoever keeps it starts it again."""
        self.send(signal.SIGKILL)

    async def started_again(self) -> None:
        """Call it right after its end: returns when its keeper has started it."""
        ended = self._living
        while self._living is ended:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(POLL_SECONDS)

    def freeze(self) -> None:
        process_tree.freeze(self.pid)

    def thaw(self) -> None:
        process_tree.thaw(self.pid)

    async def leave(self, number: signal.Signals) -> None:
        """Returns when it has ended; it stays away until it is started."""
        self.is_wanted = False
        self._living.send(number)
        while self._living.status() is None:  # noqa: ASYNC110 - as above
            await asyncio.sleep(POLL_SECONDS)

    async def stop(self) -> int | None:
        """As `leave`, in the way that its program says; the status of its end."""
        self.is_wanted = False
        if self.child is None:
            return None
        await asyncio.to_thread(stop, [self.child])
        return self.child.status()

    def look(self) -> Death | None:
        """Starts it again where it has died."""
        if not self.is_wanted or self.is_running:
            return None
        if time.monotonic() - self._started_at < RESTART_SECONDS:
            return None
        death = _death(self.name, self._living)
        self.start()
        return death

    @property
    def _living(self) -> Child:
        assert self.child is not None
        return self.child


def _death(name: str, child: Child) -> Death:
    status = child.status()
    assert status is not None
    words = "" if status < 0 else child.last_words()
    return Death(part=name, at=time.time(), how=how_it_ended(status), last_words=words)
