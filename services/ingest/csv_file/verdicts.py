"""What can be wrong with a CSV, and what is worth a warning: the codes and their shapes (pure)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

SHOWN_CHARACTERS = 200


class ErrorCode(StrEnum):
    EMPTY_FILE = "empty_file"
    NOT_CSV = "not_csv"
    DAMAGED_WORKBOOK = "damaged_workbook"
    ENCRYPTED_WORKBOOK = "encrypted_workbook"
    UNKNOWN_ENCODING = "unknown_encoding"
    UNDECODABLE_BYTE = "undecodable_byte"
    MISSING_COLUMN = "missing_column"
    NO_ROWS = "no_rows"
    UNCLOSED_QUOTE = "unclosed_quote"
    STRAY_QUOTE = "stray_quote"
    NUL_CHARACTER = "nul_character"
    MISSING_SERIAL_NUMBER = "missing_serial_number"
    INVALID_SERIAL_NUMBER = "invalid_serial_number"
    MISSING_PRODUCT_NAME = "missing_product_name"
    MISSING_URL = "missing_url"
    INVALID_URL = "invalid_url"


class WarningCode(StrEnum):
    ENCODING_ASSUMED = "encoding_assumed"
    ENCODING_UNSURE = "encoding_unsure"
    TEXT_BROKEN = "text_broken"
    DELIMITER_ASSUMED = "delimiter_assumed"
    SHEET_ASSUMED = "sheet_assumed"
    ROWS_IN_ONE_CELL = "rows_in_one_cell"
    CELLS_LEFT_OUT = "cells_left_out"
    HIDDEN_ROWS_READ = "hidden_rows_read"
    LINKS_READ = "links_read"
    MERGED_CELLS_READ = "merged_cells_read"
    FORMULA_WITHOUT_VALUE = "formula_without_value"
    TITLE_LEFT_OUT = "title_left_out"
    COLUMN_ASSUMED = "column_assumed"
    COLUMN_REPEATED = "column_repeated"
    ROWS_NUMBERED = "rows_numbered"
    NAMES_TAKEN = "names_taken"
    ROWS_WITHOUT_IMAGE = "rows_without_image"
    URLS_JOINED = "urls_joined"
    PRIVATE_ADDRESS = "private_address"
    DOUBTFUL_ADDRESS = "doubtful_address"
    DUPLICATE_SERIAL_NUMBER = "duplicate_serial_number"
    ROWS_SKIPPED = "rows_skipped"
    UNKNOWN_FIELD = "unknown_field"
    WEBHOOK_NOT_ENCRYPTED = "webhook_not_encrypted"


class CellError(NamedTuple):  # like rows, errors may come by the million
    """One thing that is wrong, and where a spreadsheet shows it."""

    code: ErrorCode
    problem: str  # one clause: "'htp://x' is not an http or https URL"
    advice: str | Callable[[], str]  # worked out when it is shown: a thousand of a million errors are
    row: int | None = None
    column: str | None = None
    value: str | None = None
    column_index: int | None = None  # counted from 0: names may occur twice

    @property
    def hint(self) -> str:
        return self.advice if isinstance(self.advice, str) else self.advice()

    def sentence(self) -> str:
        return self.problem if self.row is None else f"Row {self.row}: {self.problem}"


class UnreadableCsv(Exception):  # noqa: N818 - a verdict on the file, not an error of ours
    """The file as a whole is no CSV that we can read."""

    def __init__(self, *errors: CellError, columns: Sequence[str] = ()) -> None:
        super().__init__(errors[0].problem)
        self.errors = errors
        self.columns = columns  # which the caller could say to be the needed ones


@dataclass(frozen=True, slots=True)
class UploadWarning:
    """Something we assumed or noticed, and accepted."""

    code: str  # a WarningCode; the ledger may hold one of a later release
    message: str


def shown_value(value: str, most_characters: int = SHOWN_CHARACTERS) -> str:
    """A value as an error may repeat it: shortened, on one line."""
    text = value if len(value) <= most_characters else value[: most_characters - 1] + "…"
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
