"""Name lookups that cannot starve each other: each runs in a thread of its own and is given up after a
while. The system's resolver may hang for half a minute on one name; a thread pool would fill up with those.
The library c-ares needs no threads, but it does not ask the system's own name services.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable

from aiohttp.abc import AbstractResolver, ResolveResult

from shared.patience import FairPatience

LOOKUP_SECONDS = 5.0
MAX_LOOKUPS = 512  # including given-up ones that still hang
MAX_ADDRESSES = 8  # of one name; each costs a connection attempt


class BoundedResolver(AbstractResolver):
    """Resolves by the system's getaddrinfo, in bounded time. What of it is ours, `late_seconds` says."""

    def __init__(
        self,
        lookup_seconds: float = LOOKUP_SECONDS,
        max_lookups: int = MAX_LOOKUPS,
        late_seconds: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._lookup_seconds = lookup_seconds
        self._late_seconds = late_seconds
        self._free = threading.BoundedSemaphore(max_lookups)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        if not self._free.acquire(blocking=False):
            raise socket.gaierror(socket.EAI_AGAIN, "too many lookups hang")
        answer: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        # Daemon threads: a lookup that hangs must not hold up the end of the process.
        threading.Thread(target=self._look_up, args=(host, port, family, answer), daemon=True).start()
        try:
            with FairPatience(self._lookup_seconds, self._late_seconds):
                addresses = await answer
        except TimeoutError as error:
            raise socket.gaierror(socket.EAI_AGAIN, "the lookup took too long") from error
        return [_result(host, address, port) for address in addresses[:MAX_ADDRESSES]]

    async def close(self) -> None:
        """Nothing to close: the threads end by themselves."""

    def _look_up(
        self, host: str, port: int, family: socket.AddressFamily, answer: "asyncio.Future[list[str]]"
    ) -> None:
        try:
            found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        except OSError as error:
            _tell(answer, error)
        except UnicodeError as error:  # a label too long to be part of a name
            _tell(answer, socket.gaierror(socket.EAI_NONAME, str(error)))
        else:
            _tell(answer, list(dict.fromkeys(str(address[0]) for *_, address in found)))
        finally:
            self._free.release()


def _tell(answer: "asyncio.Future[list[str]]", outcome: list[str] | OSError) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        answer.get_loop().call_soon_threadsafe(_settle, answer, outcome)


def _settle(answer: "asyncio.Future[list[str]]", outcome: list[str] | OSError) -> None:
    if answer.done():
        return
    if isinstance(outcome, OSError):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
    )
