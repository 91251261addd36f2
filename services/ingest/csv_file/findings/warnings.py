"""Says what was assumed or noticed while a CSV was read, and accepted all the same (pure)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from services.ingest.csv_file.header.column_names import NeededColumn
from services.ingest.csv_file.header.columns import Delimiter, Header
from services.ingest.csv_file.image_urls.doubtful import Doubt
from services.ingest.csv_file.rows.row import Assumption
from services.ingest.csv_file.tally import Tally
from services.ingest.csv_file.verdicts import CellError, UploadWarning, WarningCode, shown_value

LISTED_SKIPS = 5
LISTED_COLUMNS = 10
_IF_MEANT = "If it is meant, name all columns of images in the field 'columns'."

_SAID: Mapping[Assumption, tuple[WarningCode, str]] = {
    Assumption.NUMBERED: (
        WarningCode.ROWS_NUMBERED,
        "No column numbers the rows, so they were numbered 1, 2, 3 in their order",
    ),
    Assumption.NAMED_FROM_ABOVE: (
        WarningCode.NAMES_TAKEN,
        "The product name is missing, so the one above was taken",
    ),
    Assumption.NAMED_FROM_FILE: (
        WarningCode.NAMES_TAKEN,
        "The product name is missing, so the name of the image's file was taken",
    ),
    Assumption.OF_PRODUCT_ABOVE: (
        WarningCode.NAMES_TAKEN,
        "Without a number and a name, a row was read as of the product above",
    ),
    Assumption.BESIDE_COLUMNS: (
        WarningCode.CELLS_LEFT_OUT,
        "What stands beside the named columns was left out",
    ),
    Assumption.WITHOUT_IMAGE: (
        WarningCode.ROWS_WITHOUT_IMAGE,
        "Without an image, a row only comes back in the output as it is",
    ),
    Assumption.HEADER_AGAIN: (
        WarningCode.ROWS_WITHOUT_IMAGE,
        "The header stands there again; it was not read as a product",
    ),
    Assumption.LINE: (WarningCode.ROWS_WITHOUT_IMAGE, "A line of dashes was not read as a product"),
    Assumption.TOTAL: (WarningCode.ROWS_WITHOUT_IMAGE, "A total was not read as a product"),
    Assumption.SAID_OF_COLUMNS: (
        WarningCode.ROWS_WITHOUT_IMAGE,
        "A row that says something of the columns, as templates have them, was not read as a product",
    ),
    Assumption.NOTE: (WarningCode.ROWS_WITHOUT_IMAGE, "A text that stands alone was not read as a product"),
}


def csv_warnings(header: Header, tally: Tally) -> Iterator[UploadWarning]:
    yield from _of_file(header)
    yield from _of_columns(header)
    yield from _of_assumptions(header, tally)
    yield from _of_spilled_urls(tally)
    yield from _of_private_addresses(tally)
    yield from _of_doubtful_addresses(tally)
    yield from _of_serial_numbers(tally)


def skipping_warning(errors: Sequence[CellError], bad_rows: int) -> UploadWarning:
    """What is said when bad rows are skipped."""
    first_errors: dict[int | None, CellError] = {}
    for error in errors:
        first_errors.setdefault(error.row, error)
    listed = [f"row {row} ({error.problem})" for row, error in first_errors.items()][:LISTED_SKIPS]
    rows = "1 row was" if bad_rows == 1 else f"{bad_rows:,} rows were"
    more = _and_more(bad_rows - len(listed))
    return UploadWarning(WarningCode.ROWS_SKIPPED, f"{rows} skipped: {', '.join(listed)}{more}.")


def _of_file(header: Header) -> Iterator[UploadWarning]:
    if header.delimiter is not Delimiter.COMMA:
        message = f"The columns were read as separated by {header.delimiter.word}s."
        yield UploadWarning(WarningCode.DELIMITER_ASSUMED, message)
    if header.title_rows:
        message = f"What stands above the header, which was found in row {header.row}, was left out."
        yield UploadWarning(WarningCode.TITLE_LEFT_OUT, message)


def _of_columns(header: Header) -> Iterator[UploadWarning]:
    for needed, names in header.guessed().items():
        message = _assumed(needed, names, header.left_out(needed))
        yield UploadWarning(WarningCode.COLUMN_ASSUMED, message)
    yield from _not_read(header.partly_images(), "some cells are addresses of images, others are not")
    yield from _not_read(
        header.beside_images(), "the addresses lie beside those of images, but no name tells of any"
    )
    for column in header.repeated():
        message = f"The column '{shown_value(column)}' occurs more than once; the first one was read."
        yield UploadWarning(WarningCode.COLUMN_REPEATED, message)


def _not_read(columns: Sequence[str], why: str) -> Iterator[UploadWarning]:
    if columns:
        which = f"column {_listed(columns)} was" if len(columns) == 1 else f"columns {_listed(columns)} were"
        yield UploadWarning(WarningCode.COLUMN_ASSUMED, f"The {which} not read: {why}. {_IF_MEANT}")


def _of_assumptions(header: Header, tally: Tally) -> Iterator[UploadWarning]:
    for assumption, (count, first_row) in sorted(tally.assumed.items(), key=lambda each: each[0].value):
        code, message = _said_of(assumption, header)
        rows = f"row {first_row}" if count == 1 else f"{count:,} rows, the first of them row {first_row}"
        yield UploadWarning(code, f"{message}: {rows}.")


def _said_of(assumption: Assumption, header: Header) -> tuple[WarningCode, str]:
    if assumption is Assumption.NUMBERED and header.serial_number is not None:
        column = shown_value(header.name(header.serial_number))
        return WarningCode.ROWS_NUMBERED, f"'{column}' holds no whole number, so the row's place was taken"
    return _SAID[assumption]


def _assumed(needed: NeededColumn, names: Sequence[str], left_out: Sequence[str]) -> str:
    beside = f", but not {_listed(left_out)}, where the first rows hold no address" if left_out else ""
    if len(names) == 1:
        return f"The column {_listed(names)} was read as '{needed}'{beside}."
    return f"The columns {_listed(names)} were read as '{needed}', in this order{beside}."


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(f"'{shown_value(name)}'" for name in names[:LISTED_COLUMNS])
    return listed + _and_more(max(0, len(names) - LISTED_COLUMNS))


def _of_spilled_urls(tally: Tally) -> Iterator[UploadWarning]:
    if tally.spilled:
        rows = "one row" if tally.spilled == 1 else f"{tally.spilled:,} rows"
        where = f"in {rows}, first in row {tally.first_spilled}"
        message = f"Image URLs that ran over into further columns were joined: {where}."
        yield UploadWarning(WarningCode.URLS_JOINED, message)


def _of_private_addresses(tally: Tally) -> Iterator[UploadWarning]:
    if tally.first_private is not None:
        row, url = tally.first_private
        images = "1 image address leads" if tally.private == 1 else f"{tally.private:,} image addresses lead"
        where = f"first in row {row} ('{shown_value(url)}')"
        then = "these images will fail as blocked_address; give addresses that everybody can open."
        message = f"{images} into a private network, {where}: {then}"
        yield UploadWarning(WarningCode.PRIVATE_ADDRESS, message)


def _of_doubtful_addresses(tally: Tally) -> Iterator[UploadWarning]:
    for doubt, (count, row, url) in sorted(tally.doubtful.items(), key=lambda each: each[0].value):
        found, then = _doubted(doubt, is_one=count == 1)
        images = "1 image address" if count == 1 else f"{count:,} image addresses"
        where = f"first in row {row} ('{shown_value(url)}')"
        message = f"{images} {found}, {where}: addresses are fetched as they are written; {then}."
        yield UploadWarning(WarningCode.DOUBTFUL_ADDRESS, message)


def _doubted(doubt: Doubt, *, is_one: bool) -> tuple[str, str]:
    match doubt:
        case Doubt.ESCAPED:
            found = "holds &amp;" if is_one else "hold &amp;"
            return f"{found}, which stands for & in the HTML of a page", "write & in its place"
        case Doubt.FOLLOWED:
            return "has words behind it" if is_one else "have words behind them", "take the words out"
        case Doubt.UNSEEN:
            found = "holds a character" if is_one else "hold characters"
            return f"{found} that nobody sees, shown here as \ufffd", "type the address anew, or take it out"
        case Doubt.PAGE:
            leads = "leads" if is_one else "lead"
            return f"{leads} to a page that shows the image", "give the address of the image itself"
        case _:
            assert_never(doubt)


def _of_serial_numbers(tally: Tally) -> Iterator[UploadWarning]:
    if tally.duplicates:
        listed = ", ".join(f"'{serial_number}' in row {row}" for row, serial_number in tally.first_duplicates)
        more = _and_more(tally.duplicates - len(tally.first_duplicates))
        message = f"Serial numbers occur again: {listed}{more}."
        yield UploadWarning(WarningCode.DUPLICATE_SERIAL_NUMBER, message)


def _and_more(count: int) -> str:
    return f" and {count:,} more" if count else ""
