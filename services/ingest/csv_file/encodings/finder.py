"""Finds the encoding of a file: by its mark, by its bytes, else by the language as which it reads.

Only the sample that is judged as a language is bounded. Whether all bytes fit is looked up in the whole file.
"""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from services.ingest.csv_file.encodings.damage import holds_no_text, lets_through
from services.ingest.csv_file.encodings.found import FoundBy, FoundEncoding
from services.ingest.csv_file.encodings.known import UTF_8
from services.ingest.csv_file.encodings.readings import Reading, reading, readings
from services.ingest.csv_file.encodings.sample import PIECE_BYTES, segments
from services.ingest.csv_file.encodings.signatures import marked_encoding
from services.ingest.csv_file.encodings.wide import wide_encoding

SURE_COST = 8.0  # how much worse the second best must read
MOST_COST_OF_LETTER = 6.2  # of what still is a language
MOST_COST_OF_CHARACTER = 11.0  # the same of Chinese characters
SURE_SHARE = 0.8  # of that
LITTLE_COST = 40.0  # of so few letters nobody can say that they are none
SEGMENTS_OF_UTF_8 = 100
SEGMENTS_BEFORE_BYTES = 4096  # looked at before the piece that is not UTF-8
FEW_LETTERS = 2  # so few may be UTF-8 by chance
CHANCE_COST = 5.0  # how much better another encoding must read than UTF-8
ASCII_BYTE = 0x7F  # the last one
ESCAPING = "iso2022_jp_2"
ESCAPE = b"\x1b$"  # begins Japanese letters in ISO-2022-JP


def find_encoding(file: BinaryIO, head: bytes) -> FoundEncoding | None:
    """`head` is the file's first piece. None: it reads as no language in any encoding that we know."""
    mark = marked_encoding(head)
    if mark is not None:
        return FoundEncoding(codec=mark, by=FoundBy.MARK, is_damaged=not decodes(file, mark))
    wide = wide_encoding(head)
    if wide is not None:
        return FoundEncoding(codec=wide, by=FoundBy.ZERO_BYTES, is_damaged=not decodes(file, wide))
    scan = _scan(file)
    if scan.first_bad_piece is not None:
        return _by_language(file, scan.first_bad_piece)
    if scan.is_ascii:
        return _of_ascii(file, has_escape=scan.has_escape)
    return _of_utf_8(file, head)


def decodes(file: BinaryIO, codec: str) -> bool:
    """Whether every byte of the file fits."""
    decoder = codecs.getincrementaldecoder(codec)()
    is_lax = lets_through(codec)
    file.seek(0)
    try:
        while piece := file.read(PIECE_BYTES):
            text = decoder.decode(piece)
            if is_lax and holds_no_text(text):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scan:
    is_ascii: bool
    has_escape: bool
    first_bad_piece: int | None = None  # where the first piece begins that is not UTF-8


def _scan(file: BinaryIO) -> _Scan:
    decoder = codecs.getincrementaldecoder(UTF_8)()
    is_ascii, has_escape, start = True, False, 0
    file.seek(0)
    try:
        while piece := file.read(PIECE_BYTES):
            if piece.isascii() and not decoder.getstate()[0]:
                has_escape = has_escape or ESCAPE in piece
            else:
                is_ascii = False
                decoder.decode(piece)
            start += len(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _Scan(is_ascii=False, has_escape=False, first_bad_piece=start)
    return _Scan(is_ascii=is_ascii, has_escape=has_escape)


def _of_ascii(file: BinaryIO, *, has_escape: bool) -> FoundEncoding:
    if has_escape and decodes(file, ESCAPING):
        return FoundEncoding(codec=ESCAPING, by=FoundBy.LANGUAGE, language="Japanese")
    return FoundEncoding(codec=UTF_8, by=FoundBy.ASCII)


def _of_utf_8(file: BinaryIO, head: bytes) -> FoundEncoding:
    """Two bytes that are a letter of UTF-8 may by chance be a Chinese character, but not many in a row."""
    found = FoundEncoding(codec=UTF_8, by=FoundBy.UTF_8)
    if len(head) == PIECE_BYTES or sum(byte > ASCII_BYTE for byte in head) > 2 * FEW_LETTERS:
        return found
    few = segments(file, 0)
    best = readings(few)[0]
    is_doubtful = best.encoding.codec != UTF_8 and best.cost + CHANCE_COST < reading(UTF_8, few).cost
    return replace(found, is_sure=False, otherwise=best.encoding.codec) if is_doubtful else found


def _by_language(file: BinaryIO, first_bad_piece: int) -> FoundEncoding | None:
    """Where all was UTF-8 for long, a byte that is not must surely be a letter, or it is damage."""
    near = max(0, first_bad_piece - SEGMENTS_BEFORE_BYTES)
    sample = list(dict.fromkeys([*segments(file, 0, SEGMENTS_OF_UTF_8), *segments(file, near)]))
    found = readings(sample)
    best = found[0]
    damaged = FoundEncoding(codec=UTF_8, by=FoundBy.UTF_8, is_damaged=True)
    if best.encoding.codec == UTF_8 or _has_words_of_utf_8(sample, best):
        return damaged
    if best.cost > LITTLE_COST and best.cost_of_letter > most_cost(best):
        return damaged if first_bad_piece else None
    second = next(each for each in found[1:] if each.encoding.codec != UTF_8)
    is_sure = second.cost - best.cost >= SURE_COST and best.cost_of_letter < SURE_SHARE * most_cost(best)
    if first_bad_piece and not is_sure:
        return damaged
    return FoundEncoding(
        codec=best.encoding.codec,
        by=FoundBy.LANGUAGE,
        language=best.language.name,
        is_sure=is_sure,
        otherwise=None if is_sure else second.encoding.codec,
        is_damaged=not decodes(file, best.encoding.codec),
    )


def most_cost(best: Reading) -> float:
    return MOST_COST_OF_LETTER if best.language.is_alphabetic else MOST_COST_OF_CHARACTER


def _has_words_of_utf_8(sample: Sequence[bytes], best: Reading) -> bool:
    """Whether what is UTF-8 in the sample reads better so than as the rest: then it is UTF-8, and damaged."""
    those = [segment for segment in sample if _is_utf_8(segment)]
    return bool(those) and reading(UTF_8, those).cost < reading(best.encoding.codec, those).cost


def _is_utf_8(segment: bytes) -> bool:
    try:
        codecs.getincrementaldecoder(UTF_8)().decode(segment)
    except UnicodeDecodeError:
        return False
    return True
