"""Writes an AVIF file anew with its picture alone (pure): the items of EXIF and XMP, names, and every byte
that belongs to no item stay behind. The coded pictures are copied as they are, with what says how they are
shown (profile, turns); Pillow, the only library here that writes AVIF, would code them anew.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.processor.stripping.avif_sequence import without_metadata_boxes

_METADATA_ITEMS = frozenset({b"Exif", b"mime", b"uri "})
_KEPT_BOXES = (b"hdlr", b"pitm", b"iloc", b"iinf", b"iref", b"iprp", b"idat", b"grpl")
_NEEDED_BOXES = frozenset({b"pitm", b"iloc", b"iinf", b"iprp"})
_PICTURE_HANDLER = bytes(8) + b"pict" + bytes(13)
_IN_FILE = 0  # or else in the box idat
_MOST_ITEMS = 4096
_ENTRY_NUMBERS = {2: ">H", 3: ">I"}  # how an infe of that version writes the number of its item
_LONG_NUMBERS = 2  # from this version on, iloc writes the numbers of items in four bytes


@dataclass(frozen=True, slots=True)
class _Location:
    """Where an item's bytes lie."""

    item: int
    method: int
    spans: Sequence[tuple[int, int]]  # offset, length


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is said of an item."""

    item: int
    kind: bytes
    nameless: bytes


def strip_avif(data: bytes) -> bytes | None:
    """None for what is not in the usual form."""
    try:
        top = dict(_boxes(data))
        return _strip_moving(data, top) if b"moov" in top else _strip_still(data, top)
    except (struct.error, IndexError, KeyError, ValueError):
        return None


def _strip_moving(data: bytes, top: Mapping[bytes, bytes]) -> bytes | None:
    out = without_metadata_boxes(data)
    if b"meta" not in top:
        return bytes(out)
    meta = dict(_boxes(top[b"meta"][4:]))
    kinds = {entry.item: entry.kind for entry in _entries(meta[b"iinf"])}
    for location in _locations(meta[b"iloc"]):
        if kinds[location.item] not in _METADATA_ITEMS:  # of one that has no entry nobody knows
            continue
        if location.method != _IN_FILE:
            return None
        for start, length in location.spans:
            out[start : start + length] = bytes(len(out[start : start + length]))
    return bytes(out)


def _strip_still(data: bytes, top: Mapping[bytes, bytes]) -> bytes | None:
    head, meta = top[b"ftyp"], dict(_boxes(top[b"meta"][4:]))
    if not meta.keys() >= _NEEDED_BOXES:
        return None
    entries = _kept_entries(meta[b"iinf"])
    locations = _locations(meta[b"iloc"])
    if any(location.method != _IN_FILE and location.item not in entries for location in locations):
        return None
    kept = [location for location in locations if location.item in entries]
    lengths = [sum(length for _, length in location.spans) for location in kept]
    if sum(lengths) > len(data):  # the same bytes again and again
        return None
    coded = [_bytes_of(location, data if location.method == _IN_FILE else meta[b"idat"]) for location in kept]
    if [len(one) for one in coded] != lengths:
        return None
    meta[b"hdlr"] = _PICTURE_HANDLER
    meta[b"iinf"] = struct.pack(">IH", 0, len(entries)) + b"".join(entries.values())
    if b"iref" in meta:
        meta[b"iref"] = _kept_references(meta[b"iref"], entries)
    return _assembled(head, meta, kept, coded)


def _assembled(
    head: bytes, meta: Mapping[bytes, bytes], kept: Sequence[_Location], coded: Sequence[bytes]
) -> bytes:
    """Twice, because where the pictures begin follows from the length of what says so."""
    start = 0
    for _ in range(2):
        boxes = {**meta, b"iloc": _iloc(kept, coded, start)}
        body = b"".join(_box(kind, boxes[kind]) for kind in _KEPT_BOXES if kind in boxes)
        front = _box(b"ftyp", head) + _box(b"meta", bytes(4) + body)
        start = len(front) + 8
    in_file = (one for location, one in zip(kept, coded, strict=True) if location.method == _IN_FILE)
    return front + _box(b"mdat", b"".join(in_file))


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        end = at + length if length else len(data)
        if length and length < head:
            return
        yield kind, data[at + head : end]
        at = end


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _kept_entries(body: bytes) -> dict[int, bytes]:
    """Those of the items that are no metadata, by number, without their names."""
    return {
        entry.item: _box(b"infe", entry.nameless)
        for entry in _entries(body)
        if entry.kind not in _METADATA_ITEMS
    }


def _entries(body: bytes) -> Iterator[_Entry]:
    for kind, entry in _boxes(body[6 if body[0] == 0 else 8 :]):
        if kind != b"infe" or entry[0] not in _ENTRY_NUMBERS:
            raise ValueError("an entry of another kind")
        number = _ENTRY_NUMBERS[entry[0]]
        (item,) = struct.unpack_from(number, entry, 4)
        end = 4 + struct.calcsize(number) + 2 + 4
        yield _Entry(item, entry[end - 4 : end], entry[:end] + b"\0")


def _kept_references(body: bytes, entries: Mapping[int, bytes]) -> bytes:
    number = ">H" if body[0] == 0 else ">I"
    kept = [
        _box(kind, reference)
        for kind, reference in _boxes(body[4:])
        if struct.unpack_from(number, reference)[0] in entries
    ]
    return body[:4] + b"".join(kept)


def _locations(body: bytes) -> list[_Location]:
    version = body[0]
    offset_bytes, length_bytes = body[4] >> 4, body[4] & 15
    base_bytes, index_bytes = body[5] >> 4, body[5] & 15 if version else 0
    number_bytes = 4 if version >= _LONG_NUMBERS else 2
    numbers = _Numbers(body, 6)
    locations = []
    for _ in range(min(numbers.take(number_bytes), _MOST_ITEMS)):
        item = numbers.take(number_bytes)
        method = numbers.take(2) & 15 if version else _IN_FILE
        numbers.take(2)  # which file: every viewer takes this one
        base = numbers.take(base_bytes)
        spans = []
        for _ in range(min(numbers.take(2), _MOST_ITEMS)):
            numbers.take(index_bytes)
            spans.append((base + numbers.take(offset_bytes), numbers.take(length_bytes)))
        locations.append(_Location(item, method, spans))
    return locations


@dataclass(slots=True)
class _Numbers:
    """One number after another."""

    data: bytes
    at: int

    def take(self, size: int) -> int:
        end = self.at + size
        if end > len(self.data):
            raise ValueError("cut off")
        number = int.from_bytes(self.data[self.at : end], "big")
        self.at = end
        return number


def _bytes_of(location: _Location, source: bytes) -> bytes:
    return b"".join(source[at : at + length] for at, length in location.spans)


def _iloc(kept: Sequence[_Location], coded: Sequence[bytes], start: int) -> bytes:
    """Version 1, with offsets and lengths of four bytes."""
    rows = [struct.pack(">IBBH", 1 << 24, 0x44, 0, len(kept))]
    for location, one in zip(kept, coded, strict=True):
        spans = [(start, len(one))] if location.method == _IN_FILE else location.spans
        rows.append(struct.pack(">HHHH", location.item, location.method, 0, len(spans)))
        rows.extend(struct.pack(">II", at, length) for at, length in spans)
        start += len(one) if location.method == _IN_FILE else 0
    return b"".join(rows)
