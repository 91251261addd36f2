"""`pixmill validate`: what an upload of this file would be told."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixmill.command.places import require_csv, require_other
from pixmill.command.session import Session
from pixmill.command.telling.exits import CommandFailed, Exit
from pixmill.command.telling.rows import can_be_marked, tell_rows, which_columns
from pixmill.command.telling.text import many, on_one_line
from pixmill.command.verbs.upload import Columns, Encoding, columns_of, read
from pixmill.flows.parts import being_written
from pixmill.judgements import Judgement
from pixmill.upload import File, Upload

if TYPE_CHECKING:
    from pixmill.errors import InvalidRequestError


def validate(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or workbook; - is standard input.")],
    fix: Annotated[
        Path | None,
        typer.Option("--fix", metavar="FILE", help="Write the file with each error beside its row there."),
    ] = None,
    columns: Columns = None,
    encoding: Encoding = None,
) -> int:
    """Say what is wrong with a file, without uploading it for good."""
    from pixmill.errors import InvalidRequestError  # noqa: PLC0415

    require_csv(fix)
    require_other(fix, file)
    content = read(file)
    session.out.note(f"{on_one_line(content.name)}: asking {session.settings.shown_url}")
    options = Upload(columns=columns_of(columns), encoding=encoding)
    try:
        judgement = session.client.validate(content, options)
    except InvalidRequestError as error:
        tell_rows(session.out, error)
        session.out.error(str(error), _way_out(session, content, options, fix, error))
        session.out.data("judgement", {"file": content.name, **error.problem, "valid": False})
        return Exit.REFUSED
    session.out.data("judgement", {"file": content.name, **judgement.json})
    _tell(session, content, judgement)
    return Exit.COMPLETED


def _tell(session: Session, file: File, judgement: Judgement) -> None:
    counts = judgement.counts
    session.out.result(
        f"{on_one_line(file.name)}: valid, {many(counts.products, 'product')}, {many(counts.images, 'image')}"
    )
    for warning in judgement.warnings:
        session.out.result(f"  note: {warning.message}")


def _way_out(
    session: Session, content: File, options: Upload, fix: Path | None, error: "InvalidRequestError"
) -> str:
    if fix:
        return "\n  ".join(filter(None, (_mark(session, content, options, fix), which_columns(error))))
    if can_be_marked(error):
        return "--fix marked.csv writes it with each error beside its row."
    return which_columns(error)


def _mark(session: Session, content: File, options: Upload, path: Path) -> str:
    marked = session.client.marked(content, options)
    if marked is None:
        return f"There is no row to be marked, so {path} is not written."
    try:
        with being_written(path) as part:
            part.write_bytes(marked)
            part.replace(path)
    except OSError as error:
        raise CommandFailed(f"{path}: {error.strerror}.") from error
    return f"Written: {path}. Mend its rows and upload it; the two columns do no harm."
