"""A bounded sample of what a file holds beyond ASCII: it is what its encoding is judged by.

A segment is a run of bytes that may be letters in some encoding. In those that take two bytes for a letter
the second may be an ASCII letter or one of a few signs, so these belong to it.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

PIECE_BYTES = 256 * 1024
MOST_PIECES = 64
MOST_SEGMENTS = 400
SEGMENT_BYTES = 120

MOST_RUNS_OF_PIECE = 1_000  # repeats among them
BYTES_BEFORE = 30

# A long run of ASCII must not be tried at each of its letters, so what stands before is looked up apart.
_RUN = re.compile(rb"[\x80-\xff][A-Za-z@\[\\\]^_`{|}~\x80-\xff]*")
_BEFORE = re.compile(rb"[A-Za-z@\[\\\]^_`{|}~]*\Z")
_BREAK = re.compile(rb"[\t\n\r ,;\"0-9]")


def segments(file: BinaryIO, start: int, most: int = MOST_SEGMENTS) -> list[bytes]:
    """Different ones, from `start` on: of each piece no more than half of what is still wanted."""
    found: dict[bytes, None] = {}
    for piece in _pieces(file, start):
        wanted = len(found) + max(1, (most - len(found)) // 2)
        for run in islice(_RUN.finditer(piece), MOST_RUNS_OF_PIECE):
            found[_segment(piece, run)] = None
            if len(found) >= wanted:
                break
        if len(found) >= most:
            break
    return list(found)


def _segment(piece: bytes, run: re.Match[bytes]) -> bytes:
    before = _BEFORE.search(piece, max(0, run.start() - BYTES_BEFORE), run.start())
    start = run.start() if before is None else before.start()
    return piece[start : run.end()][:SEGMENT_BYTES]


def _pieces(file: BinaryIO, start: int) -> Iterator[bytes]:
    """Those with anything beyond ASCII."""
    file.seek(start)
    looked_at = 0
    is_whole = start == 0
    while looked_at < MOST_PIECES and (piece := file.read(PIECE_BYTES)):
        piece += file.readline(4096)
        if piece.isascii():
            is_whole = True
            continue
        looked_at += 1
        begin = None if is_whole else _BREAK.search(piece)
        yield piece if begin is None else piece[begin.end() :]
        is_whole = True
