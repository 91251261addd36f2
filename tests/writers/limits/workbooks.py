"""What a workbook may hold besides."""

from tests.writers.limits.bound import INGEST, Bound, Unit

CSV, FORM = "services.ingest.csv_file.limits:CsvLimits.", "services.ingest.form."
TOO_LARGE = "413 `too-large`, with the row"
WORKBOOK = "services.ingest.workbook."
BROKEN_WORKBOOK = "400 `damaged_workbook`"
WORKBOOKS = (
    Bound(
        what="its sheet as a CSV, whose bounds hold too",
        at=INGEST + "max_file_bytes",
        unit=Unit.BYTES,
        beyond=TOO_LARGE,
    ),
    Bound(
        what="markup that is read, unpacked",
        at=WORKBOOK + "limits:WorkbookLimits.unpacked_bytes",
        unit=Unit.BYTES,
        beyond="413 `too-large`",
    ),
    Bound(
        what="elements of it",
        at=WORKBOOK + "limits:WorkbookLimits.elements",
        beyond="413 `too-large`",
    ),
    Bound(
        what="a tag or a comment",
        at=WORKBOOK + "limits:TOKEN_BYTES",
        unit=Unit.BYTES,
        beyond=BROKEN_WORKBOOK,
    ),
    Bound(what="names in a part", at=WORKBOOK + "limits:MOST_NAMES", beyond=BROKEN_WORKBOOK),
    Bound(
        what="all of these names",
        at=WORKBOOK + "limits:NAME_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond=BROKEN_WORKBOOK,
    ),
    Bound(what="elements in one another", at=WORKBOOK + "limits:MOST_DEPTH", beyond=BROKEN_WORKBOOK),
    Bound(
        what="the directory of its ZIP",
        at=WORKBOOK + "limits:DIRECTORY_BYTES",
        unit=Unit.BYTES,
        beyond=BROKEN_WORKBOOK,
    ),
    Bound(what="columns of a sheet", at=WORKBOOK + "limits:MOST_COLUMNS", beyond=TOO_LARGE),
    Bound(what="rows of a sheet (.xlsx)", at=WORKBOOK + "limits:MOST_ROWS", beyond=BROKEN_WORKBOOK),
    Bound(
        what="sheets in which the needed columns are looked for",
        at=WORKBOOK + "limits:MOST_SHEETS",
        beyond="the others are not looked at",
    ),
    Bound(
        what="sheets that are listed (.xlsx)",
        at=WORKBOOK + "xlsx.workbook:MOST_LISTED",
        beyond=BROKEN_WORKBOOK,
    ),
    Bound(what="styles", at=WORKBOOK + "limits:MOST_STYLES", beyond=BROKEN_WORKBOOK),
    Bound(
        what="all addresses behind texts (.xlsx)",
        at=WORKBOOK + "limits:LINK_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="413 `too-large`",
    ),
    Bound(
        what="cells that have one (.xlsx)",
        at=WORKBOOK + "xlsx.hyperlinks:MOST_CELLS",
        beyond="413 `too-large`",
    ),
    Bound(
        what="rows in which addresses tell the column of images (.xlsx)",
        at=WORKBOOK + "xlsx.behind_rows:LINKED_ROWS",
        beyond="the others are not looked at",
    ),
    Bound(
        what="cells that go over several rows (.xlsx)",
        at=WORKBOOK + "limits:MOST_MERGES",
        beyond="413 `too-large`",
    ),
)
