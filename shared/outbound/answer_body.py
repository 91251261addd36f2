"""Where an answer's body ends (pure), as its head says (RFC 9112, 6.3). Whether it is in order, sees who
parses it.
"""

import re
import sys
from typing import Protocol

from shared.content_length import announced_bytes

_WITHOUT = re.compile(rb"HTTP/1\.\d (101|204|304)")
_CHUNKED = b"\r\ntransfer-encoding: "
_LENGTH = re.compile(rb"\r\ncontent-length: (.*)\r\n")
_SIZE_LINE = re.compile(rb"(?:\r?\n)?([0-9a-fA-F]{1,15})(?![0-9a-fA-F])[^\n]*\n")  # behind the chunk before
_LINE = re.compile(rb"[^\n]*\n")  # behind the last chunk, up to an empty one
_KEPT_OF_A_LINE = 64  # what stands behind a size may be longer
_NO_END = sys.maxsize  # but that of the connection


class AnswerBody(Protocol):
    """Shown whatever comes."""

    @property
    def is_over(self) -> bool: ...

    def size_in(self, data: bytes) -> int:
        """How many of these bytes are its own."""


def body_of(head: bytes) -> AnswerBody:
    """`head` has the needed lines alone."""
    if _WITHOUT.match(head):
        return _Counted(0)
    if _CHUNKED in head:
        return _Chunks()
    length = _LENGTH.search(head)
    announced = None if length is None else announced_bytes(length[1].decode("latin-1"))
    return _Counted(_NO_END if announced is None else announced)


class _Counted:
    def __init__(self, size: int) -> None:
        self._left = size

    @property
    def is_over(self) -> bool:
        return self._left == 0

    def size_in(self, data: bytes) -> int:
        size = min(self._left, len(data))
        self._left -= size
        return size


class _Chunks:
    """Counts lines that end in LF alone, too. Who parses them refuses one with a size in it, as Node and Go
    do (RFC 9112, 2.2 has it in a head only): the image is `connection_lost`.
    """

    def __init__(self) -> None:
        self._left = 0  # of a chunk that has begun
        self._line = b""  # that has begun
        self._is_last = False
        self.is_over = False

    def size_in(self, data: bytes) -> int:
        if self.is_over:
            return 0
        before, data = len(self._line), self._line + data
        at = self._left
        while at < len(data) and not self.is_over:
            line = (_LINE if self._is_last else _SIZE_LINE).match(data, at)
            if line is None:
                break
            at = line.end()
            if self._is_last:
                self.is_over = not line[0].strip(b"\r\n")
            else:
                size = int(line[1], 16)
                self._is_last = size == 0
                at += size
        if self.is_over:
            return at - before
        self._left = max(0, at - len(data))
        self._line = data[at : at + _KEPT_OF_A_LINE]
        return len(data) - before
