"""`pixmill upload`: sends a file, and follows its request to the end where that is asked for."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixmill.command.pending import PendingUpload, pending_upload
from pixmill.command.places import require_other, require_table
from pixmill.command.session import Session, told
from pixmill.command.settings import state_folder
from pixmill.command.telling.exits import CommandFailed, Exit, Interrupted
from pixmill.command.telling.text import on_one_line, size
from pixmill.command.verbs.watch import page_url, watched
from pixmill.upload import File, Upload, file_of

if TYPE_CHECKING:
    from pixmill.judgements import Accepted

Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="CSVs or workbooks; - is stdin.")]
Webhook = Annotated[str | None, typer.Option("--webhook", metavar="URL", help="Is told when it ends.")]
Quality = Annotated[
    int | None, typer.Option(min=1, max=95, metavar="N", help="Of the images, 50 if not given.")
]
Format = Annotated[str | None, typer.Option("--format", help="keep, jpeg, png, webp or avif.")]
Priority = Annotated[str | None, typer.Option(help="high, normal or bulk.")]
SkipInvalid = Annotated[bool, typer.Option("--skip-invalid", help="Leave out the rows that are wrong.")]
Columns = Annotated[
    str | None, typer.Option(metavar="JSON", help='Which columns are meant: {"image_urls": ["Picture"]}.')
]
Encoding = Annotated[str | None, typer.Option(help="Of the file, where it is not found out rightly.")]
Watch = Annotated[bool, typer.Option("--watch", "-w", help="Wait for the end and show progress.")]
OutputFile = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Wait, and write the output CSV there, or a workbook (.xlsx)."
    ),
]
STANDARD_INPUT = Path("-")
_ANEW = "the same command again makes a second request."
_COLUMNS_ARE = 'Such as {"image_urls": ["Picture"]}.'


def upload(
    session: Session,
    files: Files,
    webhook: Webhook = None,
    quality: Quality = None,
    format_: Format = None,
    priority: Priority = None,
    skip_invalid: SkipInvalid = False,
    columns: Columns = None,
    encoding: Encoding = None,
    watch: Watch = False,
    output: OutputFile = None,
) -> int:
    """Upload files; each becomes a request.

    Interrupted or cut off on the way, the same command goes on with the same request: no second is made.
    """
    if output and len(files) > 1:
        raise CommandFailed("--output takes the CSV of one file.", "Upload them one by one.", Exit.USAGE)
    require_table(output)
    require_other(output, files[0])
    given: dict[str, Any] = {
        "webhook_url": webhook,
        "quality": quality,
        "format": format_,
        "priority": priority,
        "skip_invalid": skip_invalid or None,
        "columns": columns_of(columns),
        "encoding": encoding,
    }
    options = replace(
        session.settings.upload, **{name: value for name, value in given.items() if value is not None}
    )
    worst = Exit.COMPLETED
    for path in files:
        worst = max(worst, _one(session, path, options, output, watch=watch or output is not None))
    return worst


def columns_of(text: str | None) -> dict[str, Any] | None:
    import json  # noqa: PLC0415

    if text is None:
        return None
    try:
        columns = json.loads(text)
    except ValueError as error:
        raise CommandFailed(f"--columns is no JSON: {error}.", _COLUMNS_ARE, Exit.USAGE) from error
    if not isinstance(columns, dict):
        raise CommandFailed("--columns is no JSON object.", _COLUMNS_ARE, Exit.USAGE)
    return columns


def read(path: Path) -> File:
    """Of a path, or of standard input."""
    if path == STANDARD_INPUT:
        return file_of(sys.stdin.buffer.read(), "standard-input.csv")
    try:
        return file_of(path)
    except IsADirectoryError as error:
        what = "An empty name, as that of a variable that is not set, or a dot" if path == Path() else path
        way_out = f"Name the files in it: {path / '*.csv'}"
        raise CommandFailed(f"{what} is a folder.", way_out, Exit.USAGE) from error
    except OSError as error:
        way_out = f"Is the name right, as seen from {Path.cwd()}?"
        raise CommandFailed(f"{path}: {error.strerror}.", way_out, Exit.USAGE) from error


def _one(session: Session, path: Path, options: Upload, output: Path | None, *, watch: bool) -> Exit:
    """One file's failure does not stop the next one."""
    try:
        accepted = _accepted(session, path, options)
        with _no_second_one_for(session, accepted):
            return watched(session, accepted.id, output) if watch else Exit.COMPLETED
    except BrokenPipeError:
        raise  # nobody reads: not this file's failure
    except Exception as error:  # noqa: BLE001 - what is not known is raised again there
        return told(error, session.out)


def _accepted(session: Session, path: Path, options: Upload) -> "Accepted":
    out, settings = session.out, session.settings
    file = read(path)
    out.note(f"{on_one_line(file.name)}: sending {size(file.length)} to {settings.shown_url}")
    from pixmill.command.telling.progress import Sending  # noqa: PLC0415 - the first line came before it
    from pixmill.command.telling.rows import tell_rows  # noqa: PLC0415
    from pixmill.errors import InvalidRequestError, RefusedError, UnreachableError  # noqa: PLC0415

    pending = pending_upload(
        state_folder(os.environ),
        url=settings.url,
        account=settings.api_key or "",
        filename=file.name,
        fingerprint=file.fingerprint(),
        fields=options.fields(),
    )
    if pending.repeated:
        out.note("It was begun before and not answered: this goes on with the same request.")
    if pending.unkept:
        out.note(f"Its key cannot be kept ({on_one_line(pending.unkept)}): if it is cut off, {_ANEW}")
    if pending.before:
        out.note(f"The same file was uploaded before, as {pending.before}: this makes a second request.")
    try:
        with Sending(out, file.length) as sending:
            accepted = session.client.upload(file, options, idempotency_key=pending.key, on_sent=sending.sent)
    except KeyboardInterrupt as error:
        raise Interrupted(f"It may have been accepted or not: {_way_on(pending)}") from error
    except UnreachableError as error:
        if not sending.began:
            raise
        raise CommandFailed(str(error), f"Once the server answers, {_way_on(pending)}") from error
    except RefusedError as error:
        if error.status < 500 and error.status not in (408, 429):  # noqa: PLR2004 - a final no
            pending.refused()
        if isinstance(error, InvalidRequestError):
            tell_rows(out, error)
        raise
    pending.accepted(accepted.id)
    with _no_second_one_for(session, accepted):
        _tell(session, file, accepted, pending.before)
    return accepted


def _way_on(pending: PendingUpload) -> str:
    if pending.unkept:
        return f"`pixmill list` shows whether it was accepted; {_ANEW}"
    return "the same command again goes on with the same request."


@contextmanager
def _no_second_one_for(session: Session, accepted: "Accepted") -> Iterator[None]:
    """Where the rest cannot be written, as on a full disk: the same command again would upload it again."""
    from pixmill.command.telling.sentences import of_the_system  # noqa: PLC0415 - the first line came before it

    way_out = f"It was accepted all the same; this shows how it goes: pixmill watch {accepted.id}"
    try:
        yield
    except BrokenPipeError:  # nobody reads standard output, of which --json is
        replace(session.out, as_json=False).note(f"  {way_out}")
        raise
    except OSError as error:
        raise CommandFailed(of_the_system(error).sentence, way_out) from error


def _tell(session: Session, file: File, accepted: "Accepted", before: str | None) -> None:
    out = session.out
    page = page_url(session.settings.shown_url, accepted.id)
    told = {"file": file.name, "page_url": page, "uploaded_before": before}
    out.data("accepted", {**told, **accepted.json})
    out.result(f"{accepted.id}  {on_one_line(file.name)}: {accepted.message}")
    for warning in accepted.warnings:
        out.note(f"  note: {warning.message}")
    out.note(f"  page: {page}")
    out.note(f"  how it goes: pixmill watch {accepted.id}")
