"""Threads for what may never come back: they answer like the library's, and hold up no end of a process."""

import subprocess
import sys
import threading

import pytest

from shared.daemon_threads import DaemonThreads
from tests.worlds.patience import DEADLINE_SECONDS, until

HANGS = """
import threading
from shared.daemon_threads import DaemonThreads

begun = threading.Event()
DaemonThreads(1, "test").submit(lambda: (begun.set(), threading.Event().wait()))
begun.wait()
print("the end")
"""


def test_the_end_of_a_process_does_not_wait_for_a_thread_that_hangs() -> None:
    """R08"""
    command = [sys.executable, "-c", HANGS]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=True)
    assert ended.stdout == "the end\n"


def test_so_many_run_at_once_and_the_next_one_as_soon_as_one_of_them_is_free() -> None:
    threads, together, one_more = DaemonThreads(2, "test"), threading.Barrier(3), threading.Event()
    two = [threads.submit(together.wait, DEADLINE_SECONDS) for _ in range(2)]
    third = threads.submit(one_more.set)
    assert not one_more.is_set()
    together.wait(DEADLINE_SECONDS)
    third.result(DEADLINE_SECONDS)
    assert {each.result(DEADLINE_SECONDS) for each in two} <= {0, 1, 2}


def test_an_answer_or_an_error_is_told_to_who_asked() -> None:
    threads = DaemonThreads(1, "test")
    assert threads.submit(divmod, 7, 2).result(DEADLINE_SECONDS) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        threads.submit(divmod, 7, 0).result(DEADLINE_SECONDS)


def test_what_was_called_off_before_its_turn_is_not_done() -> None:
    threads, goes_on, done = DaemonThreads(1, "test"), threading.Event(), list[int]()
    first = threads.submit(goes_on.wait, DEADLINE_SECONDS)
    second = threads.submit(done.append, 2)
    third = threads.submit(done.append, 3)
    assert second.cancel()
    goes_on.set()
    third.result(DEADLINE_SECONDS)
    assert first.result(DEADLINE_SECONDS)
    assert done == [3]


def test_a_thread_that_could_not_be_begun_is_begun_with_the_next_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where a process may have no more of them for a moment. A store would have answered nobody after it."""

    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    threads, done = DaemonThreads(1, "test"), list[int]()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refused)
        with pytest.raises(RuntimeError):
            threads.submit(done.append, 1)
    threads.submit(done.append, 2).result(DEADLINE_SECONDS)
    assert 2 in done


async def test_threads_of_which_nobody_knows_any_more_end() -> None:
    """A process that opens and leaves many stores would keep them all."""
    threads, together = DaemonThreads(3, "forgotten"), threading.Barrier(4)
    for _ in range(3):
        threads.submit(together.wait, DEADLINE_SECONDS)
    together.wait(DEADLINE_SECONDS)
    del threads
    await until(lambda: not [each for each in threading.enumerate() if each.name.startswith("forgotten")])
