"""The verdicts on a file that is packed like a workbook and cannot be read: each says what to do (pure)."""

from services.ingest.csv_file.verdicts import CellError, ErrorCode, UnreadableCsv

_SAVE_AS = "Save it as an Excel workbook (.xlsx) or as CSV UTF-8, and upload that file."


def another_kind(kind: str, advice: str = _SAVE_AS) -> UnreadableCsv:
    return _verdict(
        ErrorCode.NOT_CSV, f"The file is {kind}: it can be read neither as a CSV nor as a workbook.", advice
    )


def encrypted() -> UnreadableCsv:
    return _verdict(
        ErrorCode.ENCRYPTED_WORKBOOK,
        "The workbook is protected by a password.",
        "Open it, remove the password (File > Info > Protect Workbook), save it, and upload it again.",
    )


def damaged(what: str) -> UnreadableCsv:
    return _verdict(
        ErrorCode.DAMAGED_WORKBOOK,
        f"The workbook is damaged: {what}.",
        "Open it in your spreadsheet, save it again, and upload the new file.",
    )


def broken_off() -> UnreadableCsv:
    kind = "a ZIP archive, or a workbook, that breaks off"
    return another_kind(kind, "Save or pack it again, and upload that file.")


def without_sheet() -> UnreadableCsv:
    return _verdict(
        ErrorCode.EMPTY_FILE,
        "The workbook holds no sheet with anything in it.",
        "Save the sheet that holds your products, and upload the file again.",
    )


def _verdict(code: ErrorCode, problem: str, advice: str) -> UnreadableCsv:
    return UnreadableCsv(CellError(code=code, problem=problem, advice=advice))
