"""R28: one upload that is started twice at one instant has one key."""

import fcntl
import threading
import time
from collections.abc import Callable
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
    first_has_ended = threading.Event()
    look = pending._kept
    first_thread = threading.get_ident()

    def look_while_a_second_one_starts(file: Path) -> str:
        found = look(file)
        if threading.get_ident() == first_thread:
            seconds.append(second_thread.submit(begin, tmp_path, sleep_until_the_first_has_ended))
            wait([waits, seconds[0]], DEADLINE_SECONDS, FIRST_COMPLETED)
        return found

    def sleep_until_the_first_has_ended(_seconds: float) -> None:
        waits.set_result(None)
        first_has_ended.wait(DEADLINE_SECONDS)

    monkeypatch.setattr(pending, "_kept", look_while_a_second_one_starts)
    with ThreadPoolExecutor(1) as second_thread:
        first = begin(tmp_path)
        first_has_ended.set()
        second = seconds[0].result(DEADLINE_SECONDS)
    assert (second.key, second.repeated) == (first.key, True)


def test_who_is_stopped_while_it_looks_for_its_key_holds_up_nobody_for_long(tmp_path: Path) -> None:
    slept: list[float] = []
    with (tmp_path / "uploads.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        first = begin(tmp_path, slept.append)
        assert sum(slept) == pytest.approx(2)
        second = begin(tmp_path, slept.append)
    assert (second.key, second.repeated) == (first.key, True)


def test_a_key_is_kept_where_the_lock_cannot_be_opened(tmp_path: Path) -> None:
    """As where `sudo -E pixmill upload` has made it: each upload that was repeated was a second request."""
    (tmp_path / "uploads.lock").mkdir()
    first, second = begin(tmp_path), begin(tmp_path)
    assert (second.key, second.repeated) == (first.key, True)


def begin(folder: Path, sleep: Callable[[float], None] = time.sleep) -> PendingUpload:
    return pending_upload(
        folder,
        url="http://x",
        account="",
        filename="a.csv",
        fingerprint="f",
        fields={"quality": "50"},
        sleep=sleep,
    )
