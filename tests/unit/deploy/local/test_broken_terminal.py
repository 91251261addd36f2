"""Whoever read what the stack says, and has gone away, is missed by nobody."""

import os
import sys

import pytest

from deploy.local.terminal import say


def test_what_was_not_read_does_not_fail_once_more_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python would flush it again, and end with exit code 120."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        say("stopping …")
        assert os.write(stream.fileno(), b"what is flushed at the end") > 0
