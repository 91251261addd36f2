"""The parts of a form, as the tokenizer tells them: the file into a spool, other fields into memory."""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from python_multipart.multipart import parse_options_header

from services.ingest.csv_file.verdicts import shown_value
from services.ingest.form.refusals import invalid_form, too_large
from shared.web.problems import Problem

FILE_FIELDS = ("file", "csvFile")

TEXT_FIELDS = ("webhook_url", "webhookUrl", "quality", "format", "priority", "on_invalid")

KNOWN_FIELDS = (*FILE_FIELDS, *TEXT_FIELDS)

MAX_PARTS = 50

MAX_FIELD_BYTES = 16 * 1024

MAX_FILENAME_CHARACTERS = 255

WRITE_BYTES = 1024 * 1024  # written to the spool at once, in a thread

_NOT_IN_FILENAME = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent. The caller closes the file."""

    fields: Mapping[str, str]
    file: BinaryIO
    filename: str
    file_bytes: int
    file_sha256: str
    unknown_fields: tuple[str, ...] = ()


class FileSpool:
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
class FormBuilder:
    """Listens to the tokenizer."""

    spool: FileSpool
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
