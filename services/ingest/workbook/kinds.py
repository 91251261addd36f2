"""Tells by its content which kind of workbook a packed file is. Other kinds are refused, with what to do."""

from typing import BinaryIO

from services.ingest.csv_file.encodings.signatures import UNPACK
from services.ingest.csv_file.spool import OpenSpool
from services.ingest.csv_file.verdicts import UnreadableCsv
from services.ingest.workbook.limits import WorkbookLimits
from services.ingest.workbook.ods.workbook import CONTENT, Ods, is_encrypted
from services.ingest.workbook.refusals import another_kind, encrypted
from services.ingest.workbook.rows import Workbook
from services.ingest.workbook.unpacking.archive import Archive, open_archive
from services.ingest.workbook.unpacking.budget import Budget
from services.ingest.workbook.xlsx.package import content_type, main_part
from services.ingest.workbook.xlsx.workbook import open_xlsx

_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SIGNATURE_BYTES = len(_COMPOUND)
_SECTOR_SHIFT_AT, _DIRECTORY_AT, _DIRECTORY_READ = 30, 48, 4096
_LARGEST_SECTOR_SHIFT = 16
_MACROS = "Open it and save it as an Excel workbook (.xlsx, without macros), and upload that file."
_TABLE = (
    "Copy its table into a spreadsheet, save that as an Excel workbook (.xlsx) or as CSV UTF-8,"
    " and upload that file."
)
_EXPORT = "Export it as an Excel workbook (.xlsx) or as CSV, and upload that file."
_WORD, _POWERPOINT = "a Word document", "a PowerPoint presentation"
_OTHER_CONTENT = (
    ("sheet.binary", "a binary Excel workbook (.xlsb)", None),
    ("macroenabled", "an Excel workbook with macros (.xlsm)", _MACROS),
    ("spreadsheetml", "an Excel file without sheets", None),
    ("wordprocessingml", _WORD, _TABLE),
    ("presentationml", _POWERPOINT, _TABLE),
)
_FOLDERS = (
    ("word/", _WORD),
    ("ppt/", _POWERPOINT),
)  # of a document that lacks the part which says what it is
_WORKBOOKS = ("spreadsheetml.sheet.main+xml", "spreadsheetml.template.main+xml")
_SPREADSHEETS = "application/vnd.oasis.opendocument.spreadsheet"


def is_packed(head: bytes) -> bool:
    """Whether a file that begins so is for this wing to judge."""
    return head.startswith((*_ZIPS, _COMPOUND))


def open_workbook(file: BinaryIO, limits: WorkbookLimits, open_spool: OpenSpool) -> Workbook:
    """A file that is packed. Raises `UnreadableCsv` for one that is no workbook that can be read."""
    file.seek(0)
    if file.read(SIGNATURE_BYTES) == _COMPOUND:
        raise _compound_refusal(file)
    archive = open_archive(file, Budget(limits))
    if CONTENT in archive:
        return _open_document(archive)
    part = main_part(archive)
    if part is None:
        raise _archive_refusal(archive)
    kind = content_type(archive, part)
    if not kind.endswith(_WORKBOOKS):
        raise _content_refusal(kind)
    return open_xlsx(archive, part, open_spool)


def unpacked_bytes(file: BinaryIO, limits: WorkbookLimits) -> int:
    """How much there is to read, as the file says of itself; 0 for one that is refused."""
    file.seek(0)
    if not file.read(SIGNATURE_BYTES).startswith(_ZIPS):
        return 0
    return open_archive(file, Budget(limits)).unpacked_bytes


def _open_document(archive: Archive) -> Workbook:
    if is_encrypted(archive):
        raise encrypted()
    mimetype = next(archive.pieces("mimetype"), b"") if "mimetype" in archive else b""
    if mimetype and not mimetype.startswith(_SPREADSHEETS.encode()):
        raise another_kind("an OpenDocument that is no spreadsheet", _TABLE)
    return Ods(archive)


def _content_refusal(kind: str) -> UnreadableCsv:
    for word, name, advice in _OTHER_CONTENT:
        if word in kind.lower():
            return another_kind(name) if advice is None else another_kind(name, advice)
    return another_kind("an Office document")


def _archive_refusal(archive: Archive) -> UnreadableCsv:
    if "encrypted-package" in archive:
        return encrypted()
    if any(name.endswith(".iwa") for name in archive.names()):
        return another_kind("a Numbers spreadsheet", _EXPORT)
    for folder, name in _FOLDERS:
        if any(part.startswith(folder) for part in archive.names()):
            return another_kind(name, _TABLE)
    return another_kind("a ZIP archive", UNPACK)


def _compound_refusal(file: BinaryIO) -> UnreadableCsv:
    """A file system in a file, as Office wrote before 2007; today it holds what is encrypted."""
    file.seek(0)
    header = file.read(512)
    shift = min(
        int.from_bytes(header[_SECTOR_SHIFT_AT : _SECTOR_SHIFT_AT + 2], "little"), _LARGEST_SECTOR_SHIFT
    )
    sector = int.from_bytes(header[_DIRECTORY_AT : _DIRECTORY_AT + 4], "little")
    file.seek((sector + 1) << shift)
    names = file.read(_DIRECTORY_READ).decode("utf-16-le", "replace")
    if "EncryptedPackage" in names or "EncryptionInfo" in names:
        return encrypted()
    if "Workbook" in names or "Book" in names:
        return another_kind("an old Excel workbook (.xls)")
    return another_kind("an old Office document")
