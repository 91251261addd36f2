"""The records of a ZIP that is written in one go and never gone back in (pure): APPNOTE.TXT of PKWARE.

Images are stored as they are, as they do not get smaller. What is made while it is written is deflated.
"""

import struct
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_DESCRIPTOR = struct.Struct("<IIII")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END_64 = struct.Struct("<IQHHIIQQQQ")
_LOCATOR_64 = struct.Struct("<IIQI")
_END = struct.Struct("<IHHHHIIH")
_OFFSET_64 = struct.Struct("<HHQ")
_IN_ANOTHER_RECORD = 0xFFFFFFFF
_MOST_ENTRIES = 0xFFFF
_VERSION, _VERSION_64, _UNIX = 20, 45, 3 << 8
_FOLLOWS, _UTF_8 = 1 << 3, 1 << 11
_FOR_ALL_TO_READ = 0o100644 << 16
DESCRIPTOR_BYTES = _DESCRIPTOR.size


class Method(IntEnum):
    STORED = 0
    DEFLATED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`follows`: checksum and sizes were not known when it began, and stand behind it."""

    name: bytes  # UTF-8
    checksum: int
    packed_bytes: int
    whole_bytes: int
    follows: bool
    method: Method = Method.STORED

    @property
    def written_bytes(self) -> int:
        """From the beginning of this entry to that of the next."""
        behind = DESCRIPTOR_BYTES if self.follows else 0
        return _LOCAL.size + len(self.name) + self.packed_bytes + behind


def local_header(entry: Entry, moment: datetime) -> bytes:
    known = (0, 0, 0) if entry.follows else (entry.checksum, entry.packed_bytes, entry.whole_bytes)
    about = (_VERSION, _flags(entry), entry.method, *_dos_time(moment), *known, len(entry.name), 0)
    return _LOCAL.pack(0x04034B50, *about) + entry.name


def descriptor(entry: Entry) -> bytes:
    return _DESCRIPTOR.pack(0x08074B50, entry.checksum, entry.packed_bytes, entry.whole_bytes)


def central_header(entry: Entry, offset: int, moment: datetime) -> bytes:
    """Of the directory at the end."""
    is_far = offset >= _IN_ANOTHER_RECORD
    extra = _OFFSET_64.pack(1, 8, offset) if is_far else b""
    version = _VERSION_64 if is_far else _VERSION
    about = (_UNIX | version, version, _flags(entry), entry.method, *_dos_time(moment))
    sizes = (entry.checksum, entry.packed_bytes, entry.whole_bytes)
    place = (len(entry.name), len(extra), 0, 0, 0, _FOR_ALL_TO_READ, _IN_ANOTHER_RECORD if is_far else offset)
    return _CENTRAL.pack(0x02014B50, *about, *sizes, *place) + entry.name + extra


def end_records(entries: int, directory_bytes: int, directory_offset: int) -> bytes:
    """What a reader looks for first."""
    end_64 = directory_offset + directory_bytes
    is_large = entries >= _MOST_ENTRIES or end_64 >= _IN_ANOTHER_RECORD
    large = b""
    if is_large:
        counts = (0, 0, entries, entries, directory_bytes, directory_offset)
        large = _END_64.pack(0x06064B50, _END_64.size - 12, _UNIX | _VERSION_64, _VERSION_64, *counts)
        large += _LOCATOR_64.pack(0x07064B50, 0, end_64, 1)
    few = min(entries, _MOST_ENTRIES)
    sizes = (min(directory_bytes, _IN_ANOTHER_RECORD), min(directory_offset, _IN_ANOTHER_RECORD))
    return large + _END.pack(0x06054B50, 0, 0, few, few, *sizes, 0)


def _flags(entry: Entry) -> int:
    return _UTF_8 | (_FOLLOWS if entry.follows else 0)


def _dos_time(moment: datetime) -> tuple[int, int]:
    return (
        moment.hour << 11 | moment.minute << 5 | moment.second // 2,
        (moment.year - 1980) << 9 | moment.month << 5 | moment.day,
    )
