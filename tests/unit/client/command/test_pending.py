"""R28: one upload that is started twice at one instant has one key."""

import fcntl
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from pixmill.command import pending
from pixmill.command.pending import PendingUpload, pending_upload

from tests.worlds.patience import DEADLINE_SECONDS


def test_what_is_started_while_another_looks_for_its_key_finds_that_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a file that a scheduler uploads twice would be two requests, of which nobody is told."""
    waits: Future[Any] = Future()
    seconds: list[Future[Any]] = []
    look, lock = pending._kept, fcntl.flock
    first_thread = threading.get_ident()

    def look_while_a_second_one_starts(file: Path) -> str:
        found = look(file)
        if threading.get_ident() == first_thread:
            seconds.append(second_thread.submit(begin, tmp_path))
            wait([waits, seconds[0]], DEADLINE_SECONDS, FIRST_COMPLETED)
        return found

    def lock_and_tell(*arguments: Any) -> None:
        if threading.get_ident() != first_thread:
            waits.set_result(None)
        lock(*arguments)

    monkeypatch.setattr(pending, "_kept", look_while_a_second_one_starts)
    monkeypatch.setattr(fcntl, "flock", lock_and_tell)
    with ThreadPoolExecutor(1) as second_thread:
        first = begin(tmp_path)
        second = seconds[0].result(DEADLINE_SECONDS)
    assert (second.key, second.repeated) == (first.key, True)


def begin(folder: Path) -> PendingUpload:
    return pending_upload(
        folder, url="http://x", account="", filename="a.csv", fingerprint="f", fields={"quality": "50"}
    )
