"""Says whether the first rows of a sheet hold a header as a CSV must have one (pure)."""

from collections.abc import Sequence

from services.ingest.csv_file.header.column_choice import NOTHING_SAID, ColumnChoice
from services.ingest.csv_file.limits import CsvLimits, CsvTooLarge
from services.ingest.csv_file.lines_ahead import LinesAhead
from services.ingest.csv_file.table import open_table
from services.ingest.csv_file.verdicts import UnreadableCsv
from services.ingest.workbook.rows import HeaderPlace


def header_place(
    lines: Sequence[str], limits: CsvLimits, choice: ColumnChoice = NOTHING_SAID
) -> HeaderPlace | None:
    try:
        header = open_table(LinesAhead(lines), limits, choice).header
    except (UnreadableCsv, CsvTooLarge):
        return None
    return HeaderPlace(
        row=header.row,
        columns=len(header.columns),
        image_columns=(*header.image_urls, *header.in_words),  # behind words may be addresses
        delimiter=header.delimiter,
    )
