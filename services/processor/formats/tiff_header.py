"""The first table of a TIFF and the tables that it names, as numbers and texts (pure)."""

import struct
from collections.abc import Iterator, Mapping

_BYTES = {1: ("B", 1), 2: ("s", 1), 3: ("H", 2), 4: ("I", 4), 7: ("s", 1), 13: ("I", 4)}
_IN_ENTRY_BYTES = 4
_MOST_ENTRIES = 512
_MOST_VALUE_BYTES = 4096
_MOST_TABLES = 16
_WIDTH, _HEIGHT, _BITS, _COMPRESSION = 256, 257, 258, 259
_COMPRESSIONS = {
    1: "without compression",
    33003: "with JPEG 2000 inside",
    33005: "with JPEG 2000 inside",
    34661: "with JBIG inside",
    34712: "with JPEG 2000 inside",
    34887: "with LERC inside",
    34892: "with JPEG inside",
    50001: "with WebP inside",
    50002: "with JPEG XL inside",
    52546: "with JPEG XL inside",
}
SUBTABLES = 330
CLASSIC = 42
_BIG_OF_THE_OTHER_ORDER = b"MM\0\x2b"

Tags = Mapping[int, tuple[int, ...] | bytes]


def tables(data: bytes) -> Iterator[Tags]:
    """The first, and those that it names. What cannot be read is left out."""
    order = "<" if data[:2] == b"II" else ">"
    try:
        magic, at = struct.unpack_from(f"{order}HI", data, 2)
        if magic != CLASSIC:
            return
        first = _table(data, order, at)
    except struct.error:
        return
    yield first
    named = first.get(SUBTABLES, ())
    for start in named[:_MOST_TABLES] if isinstance(named, tuple) else ():
        try:
            yield _table(data, order, start)
        except struct.error:
            continue


def described(data: bytes) -> str | None:
    """What a whole TIFF is in numbers, for one that is not read; None for one without a sound first table."""
    if data.startswith(_BIG_OF_THE_OTHER_ORDER):
        return "a BigTIFF in big-endian order"
    table = next(tables(data), {})
    width, height, bits = (_numbers(table, tag) for tag in (_WIDTH, _HEIGHT, _BITS))
    if not all((width, height, bits)):
        return None
    compression = _numbers(table, _COMPRESSION) or (1,)
    kind = _COMPRESSIONS.get(compression[0], f"of compression {compression[0]}")
    return f"a TIFF of {len(bits)} x {bits[0]} bits {kind}"


def _numbers(table: Tags, number: int) -> tuple[int, ...]:
    values = table.get(number, ())
    return values if isinstance(values, tuple) else ()


def _table(data: bytes, order: str, at: int) -> Tags:
    (count,) = struct.unpack_from(f"{order}H", data, at)
    tags: dict[int, tuple[int, ...] | bytes] = {}
    for entry in range(at + 2, at + 2 + 12 * min(count, _MOST_ENTRIES), 12):
        number, kind, length = struct.unpack_from(f"{order}HHI", data, entry)
        if kind not in _BYTES:
            continue
        code, size = _BYTES[kind]
        if size * length > _MOST_VALUE_BYTES:
            continue
        start = entry + 8
        if size * length > _IN_ENTRY_BYTES:
            (start,) = struct.unpack_from(f"{order}I", data, start)
        try:
            values = struct.unpack_from(f"{order}{length}{code}", data, start)
        except struct.error:
            continue
        tags[number] = values[0] if code == "s" and values else values
    return tags
