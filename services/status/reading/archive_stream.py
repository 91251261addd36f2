"""Streams the images of a request as one ZIP, each as it comes from the store.

Of an image only its checksum and its size are kept until the directory at the end is written; its name is
read once more. An archive that can no longer be told truthfully breaks off, and has no directory then.
"""

import zlib
from array import array
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.status.reading.reader import Reader
from services.status.reading.report_stream import require_unchanged
from services.status.records.database_row import Row
from services.status.records.request import RequestRecord
from services.status.records.states import ImageState
from services.status.rendering.archive.names import cleaned, file_name
from services.status.rendering.archive.records import (
    Entry,
    Method,
    central_header,
    descriptor,
    end_records,
    local_header,
)
from shared.contract.codes import hint_of, known_code
from shared.contract.keys import parse_image_key
from shared.store import Missing, Store

HELD_BYTES = 1024 * 1024
"""An image of no more is read before it is begun: then its size and checksum stand before it."""
NOTED_BYTES = 12  # kept of each image until the end
LIST_NAME = "failed images.txt"
_DIRECTORY_PIECE_BYTES = 64 * 1024


async def archive(reader: Reader, store: Store, record: RequestRecord) -> AsyncIterator[bytes]:
    """Of a request whose run has ended. Raises `Missing` for an image that is not in the store any more, and
    `ChangedMeanwhile`.
    """
    written = _Written(record)
    async for row in _rows(reader, record):
        if row["state"] == ImageState.DONE:
            async for piece in written.image(_name(row, record), store.stream(row["output_key"])):
                yield piece
    if record.failed or record.cancelled:
        async for piece in written.list_of_failed(_failed_lines(reader, record)):
            yield piece
    async for piece in written.directory(reader):
        yield piece


@dataclass(slots=True)
class _Written:
    """What was written so far, as far as the directory needs it."""

    record: RequestRecord
    offset: int = 0
    checksums: "array[int]" = field(default_factory=lambda: array("I"))
    sizes: "array[int]" = field(default_factory=lambda: array("Q"))
    list_entry: Entry | None = None

    @property
    def moment(self) -> datetime:
        return (self.record.completed_at or self.record.created_at).astimezone(UTC)

    async def image(self, name: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        head = bytearray()
        async for chunk in chunks:
            head += chunk
            if len(head) > HELD_BYTES:
                break
        checksum, size = zlib.crc32(head), len(head)
        yield local_header(_image_entry(name, checksum, size), self.moment)
        yield bytes(head)
        if size > HELD_BYTES:
            head.clear()
            async for chunk in chunks:
                checksum, size = zlib.crc32(chunk, checksum), size + len(chunk)
                yield chunk
            yield descriptor(_image_entry(name, checksum, size))
        self.checksums.append(checksum)
        self.sizes.append(size)
        self.offset += _image_entry(name, checksum, size).written_bytes

    async def list_of_failed(self, lines: AsyncIterator[str]) -> AsyncIterator[bytes]:
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        checksum = size = packed = 0
        yield local_header(_list_entry(0, 0, 0), self.moment)
        async for line in lines:
            text = line.encode()
            checksum, size = zlib.crc32(text, checksum), size + len(text)
            if piece := packer.compress(text):
                packed += len(piece)
                yield piece
        last = packer.flush()
        self.list_entry = _list_entry(checksum, packed + len(last), size)
        yield last + descriptor(self.list_entry)
        self.offset += self.list_entry.written_bytes

    async def directory(self, reader: Reader) -> AsyncIterator[bytes]:
        piece = bytearray()
        offset = directory_bytes = entries = 0
        async for entry in self._entries(reader):
            header = central_header(entry, offset, self.moment)
            offset += entry.written_bytes
            directory_bytes += len(header)
            entries += 1
            piece += header
            if len(piece) >= _DIRECTORY_PIECE_BYTES:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece) + end_records(entries, directory_bytes, self.offset)

    async def _entries(self, reader: Reader) -> AsyncIterator[Entry]:
        place = 0
        async for row in _rows(reader, self.record):
            if row["state"] == ImageState.DONE:
                yield _image_entry(_name(row, self.record), self.checksums[place], self.sizes[place])
                place += 1
        if self.list_entry:
            yield self.list_entry


def _image_entry(name: bytes, checksum: int, size: int) -> Entry:
    return Entry(name=name, checksum=checksum, packed_bytes=size, whole_bytes=size, follows=size > HELD_BYTES)


def _list_entry(checksum: int, packed: int, size: int) -> Entry:
    return Entry(
        name=LIST_NAME.encode(),
        checksum=checksum,
        packed_bytes=packed,
        whole_bytes=size,
        follows=True,
        method=Method.DEFLATED,
    )


async def _rows(reader: Reader, record: RequestRecord) -> AsyncIterator[Row]:
    patient = reader.patient()
    async for page in patient.archive_pages(record):
        await require_unchanged(patient, record)
        for row in page:
            yield row


def _name(row: Row, record: RequestRecord) -> bytes:
    key = parse_image_key(row["output_key"])
    if key is None:
        raise Missing(row["output_key"])
    number = str(row["product_number"] + 1).zfill(len(str(record.products)))
    name = file_name(number, row["serial_number"], row["product_name"], row["place"], key.extension)
    return name.encode()


async def _failed_lines(reader: Reader, record: RequestRecord) -> AsyncIterator[str]:
    yield "These images are not in here.\r\n\r\n"
    async for row in _rows(reader, record):
        if row["state"] != ImageState.DONE:
            yield _failed_line(row)


def _failed_line(row: Row) -> str:
    place = f"Row {row['row_number']}, {cleaned(row['product_name'])}, image {row['place']}"
    return f"{place}: {' '.join(row['input_url'].split())}\r\n    {_why(row['code'], row['detail'])}\r\n"


def _why(code: str | None, detail: str | None) -> str:
    return f"{code}: {hint_of(known_code(code), detail)}" if code else "cancelled"
