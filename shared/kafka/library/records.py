"""Lets the client library read what Kafka may hold and the library refuses: header names that are not UTF-8.

One such record made every later look at its partition raise. The library has no setting for it, so this file
puts its own reader in place of the library's.
"""

from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

LENGTH_AT, LENGTH_END = 8, 12  # of a batch: its offset, then the number of bytes that follow


class _KeptRecords(MemoryRecords):  # type: ignore[misc] # the library is untyped
    """Remembers what it reads from, for a second reading."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.data = data


class _LenientText(bytearray):
    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)


class _LenientBuffer(bytearray):
    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _LenientText(found) if isinstance(at, slice) else found


class _LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc] # the library is untyped
    """The library's slow reader, which takes its texts from the buffer that it is given."""

    _buffer: bytearray

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer = _LenientBuffer(self._buffer)


class _LenientRecords:
    """The batches of one fetch, without those that end before an offset."""

    def __init__(self, data: bytes, first: int) -> None:
        self._rest = memoryview(data)
        while self.has_next() and _LenientBatch(self._rest[: self._size()]).next_offset <= first:
            self.next_batch()

    def has_next(self) -> bool:
        return len(self._rest) >= LENGTH_END and len(self._rest) >= self._size()

    def next_batch(self) -> _LenientBatch:
        batch, self._rest = self._rest[: self._size()], self._rest[self._size() :]
        return _LenientBatch(batch)

    def _size(self) -> int:
        return LENGTH_END + int.from_bytes(self._rest[LENGTH_AT:LENGTH_END], signed=True)


class _ReadableRecords(fetcher.PartitionRecords):  # type: ignore[misc] # the library is untyped
    """Reads as the library does, until it meets a record that the library cannot read."""

    def __init__(self, tp: Any, records: _KeptRecords, *rest: Any) -> None:
        super().__init__(tp, records, *rest)
        self._data = records.data

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except UnicodeDecodeError:
            self._records = _LenientRecords(self._data, self.next_fetch_offset)
            self._records_iterator = self._unpack_records()
            return super().__next__()


def read_leniently() -> None:
    """For every consumer of this process."""
    fetcher.MemoryRecords = _KeptRecords
    fetcher.PartitionRecords = _ReadableRecords
