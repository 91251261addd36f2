"""Tables of a request as files: the output as a CSV or a workbook, and the rows that failed."""

from pathlib import Path

from pixmill.command.places import WORKBOOK
from pixmill.command.session import Session


def save_output(session: Session, request_id: str, path: Path) -> None:
    """As the name of the file says."""
    is_workbook = path.suffix.lower() == WORKBOOK
    download = session.client.download_workbook if is_workbook else session.client.download_csv
    _tell(session, request_id, path, download(request_id, path).length)


def save_failed_rows(session: Session, request_id: str, path: Path) -> None:
    saved = session.client.download_failed_rows(request_id, path)
    _tell(session, request_id, path, saved.length)


def _tell(session: Session, request_id: str, path: Path, length: int) -> None:
    session.out.data("saved", {"path": str(path), "bytes": length, "request_id": request_id})
    session.out.result(f"written: {path}")
