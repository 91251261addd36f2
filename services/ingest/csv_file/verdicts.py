"""What can be wrong with an uploaded CSV: the file as a whole, one of our limits, or single cells (pure)."""

from collections.abc import Callable
from dataclasses import dataclass

SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class CsvLimits:
    """What one file may hold."""

    rows: int = 1_000_000
    blank_rows: int = 2_000_000  # twice as many as a spreadsheet has rows
    columns: int = 1_000
    urls_per_row: int = 1_000
    cell_characters: int = 3_000_000
    row_characters: int = 12_000_000  # a quoted line break lets a row be longer than any line
    row_lines: int = 100_000  # a quotation mark that is not closed would make one row of a whole file
    errors_listed: int = 1_000


@dataclass(frozen=True, slots=True)
class CellError:
    """One thing that is wrong, where a spreadsheet shows it."""

    row: int | None
    column: str | None
    value: str | None
    code: str
    problem: str  # one clause: "'htp://x' is not an http or https URL"
    advice: str | Callable[[], str]  # worked out where it is told: of a million errors a thousand are

    @property
    def hint(self) -> str:
        return self.advice if isinstance(self.advice, str) else self.advice()

    def sentence(self) -> str:
        return self.problem if self.row is None else f"Row {self.row}: {self.problem}"


class UnreadableCsv(Exception):  # noqa: N818 - a verdict on the file, not an error of ours
    """The file as a whole is no CSV that we can read."""

    def __init__(
        self,
        code: str,
        problem: str,
        *,
        hint: str,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        super().__init__(problem)
        self.errors: tuple[CellError, ...] = (CellError(row, column, value, code, problem, hint),)


class NoColumns(UnreadableCsv):
    """NeededColumn columns are missing: one error each."""

    def __init__(self, errors: tuple[CellError, ...]) -> None:
        super().__init__("missing_column", errors[0].problem, hint=errors[0].hint)
        self.errors = errors


class CsvTooLarge(Exception):  # noqa: N818 - a verdict on the file, not an error of ours
    """The file exceeds one of our limits."""

    def __init__(self, limit: str, maximum: int, unit: str, row: int | None = None) -> None:
        super().__init__(f"The limit on {limit} is {maximum:,} {unit}")
        self.limit = limit
        self.maximum = maximum
        self.unit = unit
        self.row = row


def shown_value(value: str, most_characters: int = SHOWN_CHARACTERS) -> str:
    """A value as an error may repeat it: shortened, on one line."""
    text = value if len(value) <= most_characters else value[: most_characters - 1] + "…"
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


@dataclass(frozen=True, slots=True)
class UploadWarning:
    """Something we assumed or noticed, and accepted."""

    code: str
    message: str
