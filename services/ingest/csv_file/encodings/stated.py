"""Takes callers at their word about the encoding of a file, unless its first bytes say otherwise."""

from dataclasses import replace
from typing import BinaryIO

from services.ingest.csv_file.encodings.damage import MARKING
from services.ingest.csv_file.encodings.finder import decodes, find_encoding
from services.ingest.csv_file.encodings.found import FoundBy, FoundEncoding
from services.ingest.csv_file.encodings.sample import segments
from services.ingest.csv_file.encodings.signatures import marked_encoding
from services.ingest.csv_file.encodings.wide import wide_encoding

_WIDE = ("utf-16", "utf-32")


def stated_encoding(file: BinaryIO, head: bytes, codec: str) -> FoundEncoding | None:
    """`head` is the file's first piece. None: it cannot be in the stated encoding."""
    seen = marked_encoding(head) or wide_encoding(head)
    if (seen is not None or codec.startswith(_WIDE)) and not _may_be(seen, codec):
        return None
    codec = seen or codec
    found = FoundEncoding(codec=codec, by=FoundBy.STATED, is_damaged=not decodes(file, codec))
    is_certain = seen is not None or found.is_damaged
    return found if is_certain else _doubted(file, head, found)


def _may_be(seen: str | None, stated: str) -> bool:
    """`utf-16` is either order of bytes, and the one of the mark is that of the file."""
    return seen is not None and (seen.startswith(stated) or stated.startswith(seen))


def _doubted(file: BinaryIO, head: bytes, found: FoundEncoding) -> FoundEncoding:
    """Unsure, when the file surely reads better in another encoding."""
    better = find_encoding(file, head)
    if better is None or better.is_damaged or not better.is_sure or better.codec == found.codec:
        return found
    if all(_reads_the_same(each, found.codec, better.codec) for each in segments(file, 0)):
        return found
    return replace(found, is_sure=False, otherwise=better.codec)


def _reads_the_same(segment: bytes, one: str, other: str) -> bool:
    return segment.decode(one, MARKING) == segment.decode(other, MARKING)
