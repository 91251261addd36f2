"""Threads for what may never come back, as a disk of a network whose server is gone."""

import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_Call = Callable[[], None]


class DaemonThreads(Executor):
    """So many at once, begun as they are needed; what is more waits in line. The end of the process waits for
    those of `ThreadPoolExecutor`, and not for these.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._begun = 0
        self._free = threading.Semaphore(0)
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        weakref.finalize(self, self._calls.put, None).atexit = False

    def submit(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        self._calls.put(partial(_answer, future, partial(call, *args, **kwargs)))
        if not self._free.acquire(blocking=False) and self._begun < self._most:
            name = f"{self._name}_{self._begun + 1}"
            threading.Thread(target=_work, args=(self._calls, self._free), name=name, daemon=True).start()
            self._begun += 1  # not one that the system refused to begin
        return future


def _work(calls: SimpleQueue[_Call | None], free: threading.Semaphore) -> None:
    while (call := calls.get()) is not None:
        call()
        del call  # it would be kept until the next one comes
        free.release()
    calls.put(None)  # whose threads these were is gone: the next one ends as well


def _answer(future: Future[T], call: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001 - told to who asked, whatever it is
        future.set_exception(error)
    else:
        future.set_result(result)
