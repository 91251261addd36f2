"""Reads a multipart form as it comes: the CSV into a spool file, the other fields into memory, all capped.

Starlette's own parser copies every file to a spool as well, but has no cap on a file's size, on silence or
on the time an upload takes, and it cannot hash on the way; so this one drives the same tokenizer itself.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from services.ingest.csv_file.spool import open_spool
from services.ingest.csv_file.verdicts import shown_value
from services.ingest.form.refusals import invalid_form, no_room, not_a_form, too_large, too_slow
from shared.web.problems import Problem

FILE_FIELDS = ("file", "csvFile")
TEXT_FIELDS = ("webhook_url", "webhookUrl", "quality", "format", "priority", "on_invalid")
KNOWN_FIELDS = (*FILE_FIELDS, *TEXT_FIELDS)
MAX_PARTS = 50
MAX_FIELD_BYTES = 16 * 1024
MAX_FILENAME_CHARACTERS = 255
OVERHEAD_BYTES = 1024 * 1024  # what a form may hold besides its file
PACE_BYTES = 16 * 1024  # must come in any `silence_seconds`
PIECE_BYTES = 64 * 1024  # fed to the tokenizer at once: its worst case stays far below 50 ms
WRITE_BYTES = 1024 * 1024  # written to the spool at once, in a thread

_NOT_IN_FILENAME = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class FormLimits:
    file_bytes: int
    silence_seconds: float
    total_seconds: float

    @property
    def body_bytes(self) -> int:
        return self.file_bytes + OVERHEAD_BYTES


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent. The caller closes the file."""

    fields: Mapping[str, str]
    file: BinaryIO
    filename: str
    file_bytes: int
    file_sha256: str
    unknown_fields: tuple[str, ...] = ()


async def read_form(content_type: str, body: AsyncIterator[bytes], limits: FormLimits) -> Form:
    """Raises a problem for a body that is no form, holds no file, is too large or too slow."""
    boundary = _require_boundary(content_type)
    spool = _Spool(open_spool(), limits.file_bytes)
    parts = _Parts(spool)
    try:
        async with asyncio.timeout(limits.total_seconds):
            await _feed(parts, boundary, body, limits)
        return await parts.form()
    except TimeoutError as error:
        spool.file.close()
        raise too_slow() from error
    except OSError as error:
        spool.file.close()
        raise no_room(error) from error
    except BaseException:
        spool.file.close()
        raise


def _require_boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        raise not_a_form()
    boundary = options.get(b"boundary")
    if not boundary:
        raise invalid_form("The Content-Type of the form names no boundary.")
    return boundary


async def _feed(parts: "_Parts", boundary: bytes, body: AsyncIterator[bytes], limits: FormLimits) -> None:
    received = 0
    try:
        tokenizer = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type] # a subset
        async for chunk in _paced(body, limits.silence_seconds):
            received += len(chunk)
            if received > limits.body_bytes:
                raise too_large("file size", limits.file_bytes, "bytes")
            for start in range(0, len(chunk), PIECE_BYTES):
                tokenizer.write(chunk[start : start + PIECE_BYTES])
                await parts.spool.write_if_full()
    except FormParserError as error:
        raise invalid_form(f"The multipart form is malformed: {shown_value(str(error))}.") from error
    if not parts.ended:
        raise invalid_form("The multipart form breaks off before its end.")


async def _paced(body: AsyncIterator[bytes], silence_seconds: float) -> AsyncIterator[bytes]:
    """The body, for as long as it comes at the least pace: single bytes now and then are silence, too."""
    clock = asyncio.get_running_loop().time
    patience, fresh = silence_seconds, 0
    while True:
        began = clock()
        async with asyncio.timeout(patience):
            chunk = await anext(body, None)
        if chunk is None:
            return
        patience -= clock() - began  # only what we wait for the client
        fresh += len(chunk)
        if fresh >= PACE_BYTES:
            patience, fresh = silence_seconds, 0
        yield chunk


class _Spool:
    """The file on its way to the disk: written and hashed in pieces, in a thread."""

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self.file = file
        self.size = 0
        self._max_bytes = max_bytes
        self._sha256 = hashlib.sha256()
        self._waiting = bytearray()

    def add(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._max_bytes:
            raise too_large("file size", self._max_bytes, "bytes")
        self._waiting += data

    async def write_if_full(self) -> None:
        if len(self._waiting) >= WRITE_BYTES:
            await asyncio.to_thread(self._write)

    async def finish(self) -> str:
        """The hash of it all."""
        await asyncio.to_thread(self._write)
        return self._sha256.hexdigest()

    def _write(self) -> None:
        self._sha256.update(self._waiting)
        self.file.write(self._waiting)
        self._waiting.clear()


@dataclass(slots=True)
class _Parts:
    """Listens to the tokenizer."""

    spool: _Spool
    ended: bool = False
    _count: int = 0
    _filename: str | None = None
    _fields: dict[str, bytearray] = field(default_factory=dict)
    _header_name: bytearray = field(default_factory=bytearray)
    _header_value: bytearray = field(default_factory=bytearray)
    _disposition: bytes = b""
    _current: str | None = None  # None: a part that nobody wants
    _unknown: list[str] = field(default_factory=list)

    def callbacks(self) -> Mapping[str, object]:
        return {
            "on_part_begin": self._part_begins,
            "on_header_field": self._header_name_comes,
            "on_header_value": self._header_value_comes,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data_comes,
            "on_end": self._form_ends,
        }

    async def form(self) -> Form:
        sha256 = await self.spool.finish()
        if self._filename is None or (not self._filename and not self.spool.size):
            raise self._no_file()
        fields = {name: _decoded(name, value) for name, value in self._fields.items()}
        filename = self._filename or "upload.csv"
        return Form(fields, self.spool.file, filename, self.spool.size, sha256, tuple(self._unknown))

    def _no_file(self) -> Problem:
        sent = ", ".join(f"'{shown_value(name)[:40]}'" for name in [*self._fields, *self._unknown][:10])
        holds = f" It holds {sent}." if sent else ""
        return invalid_form(f"The form holds no file: send the CSV in a field named 'file'.{holds}", "file")

    def _part_begins(self) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise invalid_form(f"The form has more than {MAX_PARTS} parts.")
        self._disposition = b""
        self._current = None

    def _header_name_comes(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _header_value_comes(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_ends(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name")
        if name is None:
            raise invalid_form("A part of the form has no name.")
        self._current = next((known for known in KNOWN_FIELDS if known.encode() == name), None)
        if self._current in FILE_FIELDS:
            self._file_begins(options.get(b"filename"))
        elif self._current in self._fields:
            raise invalid_form(f"The form has more than one field '{self._current}'.", self._current)
        elif self._current is not None:
            self._fields[self._current] = bytearray()
        else:
            self._unknown.append(name.decode("utf-8", "replace"))

    def _file_begins(self, filename: bytes | None) -> None:
        if self._filename is not None:
            raise invalid_form("The form holds more than one file.", "file")
        self._filename = "upload.csv" if filename is None else clean_filename(filename)

    def _data_comes(self, data: bytes, start: int, end: int) -> None:
        if self._current is None:
            return
        if self._current in FILE_FIELDS:
            self.spool.add(data[start:end])
            return
        value = self._fields[self._current]
        value += data[start:end]
        if len(value) > MAX_FIELD_BYTES:
            raise invalid_form(f"The field '{self._current}' is too long.", self._current)

    def _form_ends(self) -> None:
        self.ended = True


def clean_filename(sent: bytes) -> str:
    """The last part of the path, without what neither a log nor a database should hold."""
    try:
        name = sent.decode("utf-8")
    except UnicodeDecodeError:
        name = sent.decode("cp1252", "replace")
    name = re.split(r"[/\\]", name)[-1]
    return _NOT_IN_FILENAME.sub("", name).strip()[:MAX_FILENAME_CHARACTERS]


def _decoded(name: str, value: bytearray) -> str:
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise invalid_form(f"The field '{name}' is not UTF-8.", name) from error
