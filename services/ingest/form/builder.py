"""Builds a form from what the tokenizer calls out: the file goes to a spool, other fields stay in memory.

It knows neither the body nor its pace.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from python_multipart.multipart import parse_options_header

from services.ingest.csv_file.verdicts import shown_value
from services.ingest.form.file_spool import FileSpool
from services.ingest.form.filename import DEFAULT_FILENAME, clean_filename, is_name_alone, sent_filename
from services.ingest.form.form import FILE_FIELDS, Form, FormField
from services.ingest.form.refusals import encoded_part, invalid_form, name_alone
from shared.web.problems import Problem

MAX_PARTS = 50
MAX_FIELD_BYTES = 16 * 1024
AS_IT_IS = (b"", b"7bit", b"8bit", b"binary")  # transfer encodings that change nothing


@dataclass(slots=True)
class FormBuilder:
    spool: FileSpool
    ended: bool = False
    _parts: int = 0
    _header_name: bytearray = field(default_factory=bytearray)
    _header_value: bytearray = field(default_factory=bytearray)
    _disposition: bytes = b""  # of the part that comes in
    _field: FormField | None = None  # None: a part that nobody knows
    _filename: str | None = None
    _is_unnamed: bool = False  # the file was sent without a name
    _values: dict[FormField, bytearray] = field(default_factory=dict)
    _unknown: list[str] = field(default_factory=list)

    @property
    def has_begun(self) -> bool:
        return self._parts > 0

    def callbacks(self) -> Mapping[str, object]:
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_header_name,
            "on_header_value": self._add_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_field,
            "on_part_data": self._add_data,
            "on_end": self._end_form,
        }

    async def form(self) -> Form:
        sha256 = await self.spool.finish()
        if self._filename is None or (not self._filename and not self.spool.size):
            raise self._no_file()
        if self._is_unnamed:
            self._require_content()
        return Form(
            fields={name: _decoded(name, value) for name, value in self._values.items()},
            file=self.spool.file,
            filename=self._filename or DEFAULT_FILENAME,
            file_bytes=self.spool.size,
            file_sha256=sha256,
            unknown_fields=tuple(self._unknown),
        )

    def _require_content(self) -> None:
        beginning = self.spool.beginning
        if len(beginning) == self.spool.size and is_name_alone(beginning):
            raise name_alone(beginning)

    def _no_file(self) -> Problem:
        sent = ", ".join(f"'{shown_value(name)[:40]}'" for name in [*self._values, *self._unknown][:10])
        holds = f" It holds {sent}." if sent else ""
        error = f"The form holds no file: send the CSV in a field named 'file'.{holds}"
        return invalid_form(error, FormField.FILE)

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise invalid_form(f"The form has more than {MAX_PARTS} parts.")
        self._disposition = b""
        self._field = None

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        name, value = self._header_name.lower(), bytes(self._header_value)
        if name == b"content-disposition":
            self._disposition = value
        elif name == b"content-transfer-encoding" and value.strip().lower() not in AS_IT_IS:
            raise encoded_part(value)
        self._header_name.clear()
        self._header_value.clear()

    def _begin_field(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name")
        if name is None:
            raise invalid_form("A part of the form has no name.")
        self._field = next((known for known in FormField if known.encode() == name), None)
        if self._field is None:
            self._unknown.append(name.decode("utf-8", "replace"))
        elif self._field in FILE_FIELDS:
            self._begin_file(sent_filename(self._disposition, options.get(b"filename")))
        elif self._field in self._values:
            raise invalid_form(f"The form has more than one field '{self._field}'.", self._field)
        else:
            self._values[self._field] = bytearray()

    def _begin_file(self, filename: bytes | None) -> None:
        if self._filename is not None:
            raise invalid_form("The form holds more than one file.", FormField.FILE)
        self._is_unnamed = filename is None
        self._filename = DEFAULT_FILENAME if filename is None else clean_filename(filename)

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._field is None:
            return
        if self._field in FILE_FIELDS:
            self.spool.add(data[start:end])
            return
        value = self._values[self._field]
        value += data[start:end]
        if len(value) > MAX_FIELD_BYTES:
            raise invalid_form(f"The field '{self._field}' is too long.", self._field)

    def _end_form(self) -> None:
        self.ended = True


def _decoded(name: FormField, value: bytearray) -> str:
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise invalid_form(f"The field '{name}' is not UTF-8.", name) from error
