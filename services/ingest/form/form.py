"""The upload form: the names of its fields, and what one form holds (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from services.ingest.csv_file.spool import OpenSpool, open_spool
from services.ingest.csv_file.verdicts import UploadWarning


class FormField(StrEnum):
    FILE = "file"
    CSV_FILE = "csvFile"  # the same, as /api/upload spells it
    WEBHOOK_URL = "webhook_url"
    WEBHOOK_URL_CAMEL = "webhookUrl"
    QUALITY = "quality"
    FORMAT = "format"
    PRIORITY = "priority"
    ON_INVALID = "on_invalid"
    COLUMNS = "columns"
    ENCODING = "encoding"


FILE_FIELDS = frozenset({FormField.FILE, FormField.CSV_FILE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What was sent. The caller closes the file."""

    fields: Mapping[FormField, str]  # all but the file
    file: BinaryIO
    filename: str
    file_bytes: int
    file_sha256: str
    unknown_fields: tuple[str, ...] = ()
    open_spool: OpenSpool = open_spool  # for what is made of it
    sheet: str | None = None  # of a workbook: then the file is a CSV that was made of it
    is_of_lines: bool = False  # each of the sheet's rows stood in its first cell
    noticed: tuple[UploadWarning, ...] = ()  # while it was made
