"""`pixmill download`: the results of a request as files in a folder."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from pixmill.command.places import require_apart, require_csv, require_folder, require_table
from pixmill.command.session import Session
from pixmill.command.telling.exits import CommandFailed, Exit, Interrupted
from pixmill.command.telling.progress import Downloading
from pixmill.command.telling.text import many, size
from pixmill.command.verbs.tables import save_failed_rows, save_output
from pixmill.command.verbs.watch import RequestId
from pixmill.flows.places import shortened
from pixmill.records import Request

STANDARD_OUTPUT = Path("-")


def download(
    session: Session,
    request_id: RequestId,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The output's name: .xlsx is a workbook, - standard output.",
        ),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option("--images", metavar="DIR", help="Fetch the images as well, into this folder."),
    ] = None,
    failed: Annotated[
        Path | None,
        typer.Option(
            "--failed", metavar="FILE", help="Write the rows with failed images there, to be mended."
        ),
    ] = None,
    parallel: Annotated[int, typer.Option(min=1, max=64, help="Images at a time.")] = 8,
) -> int:
    """Fetch the output, with --images the images as well.

    In the output's CSV a text that begins with = + - or @ has an apostrophe before it, so that no spreadsheet
    runs it; a workbook has it as it was.

    Each image is verified by its sha256 and gets its name only when it is whole. After whatever happened, the
    same command fetches what is missing.
    """
    if output == STANDARD_OUTPUT and session.out.as_json:
        raise CommandFailed("--json and -o - both want standard output.", "Give the CSV a name.", Exit.USAGE)
    require_csv(failed)
    if output:
        _require_place(output, failed)
    require_folder(images)
    request = session.client.request(request_id)
    if not request.ended:
        raise CommandFailed(
            f"The request is still {request.state}: nothing is there to be fetched yet.",
            f"`pixmill watch {request.id}` waits for its end.",
        )
    place = output or _place(request)
    if not output:
        _require_place(place, failed)
    from pixmill.errors import UnreachableError  # noqa: PLC0415 - the first line came before it

    try:
        _output(session, request, place)
        if failed:
            _failed_rows(session, request, failed)
        if images:
            _images(session, request, images, parallel)
    except KeyboardInterrupt as error:
        raise Interrupted("The same command again fetches what is missing.") from error
    except UnreachableError as error:
        raise CommandFailed(
            str(error), "Once the server answers, the same command fetches what is missing."
        ) from error
    return 0


def _place(request: Request) -> Path:
    return Path(f"{shortened(Path(request.filename or 'products.csv').stem)}-output.csv")


def _require_place(place: Path, failed: Path | None) -> None:
    if place != STANDARD_OUTPUT:
        require_table(place)
        require_apart(place, failed)


def _output(session: Session, request: Request, place: Path) -> None:
    if place == STANDARD_OUTPUT:
        sys.stdout.buffer.write(session.client.output_csv(request.id))
        sys.stdout.buffer.flush()
        return
    save_output(session, request.id, place)


def _failed_rows(session: Session, request: Request, path: Path) -> None:
    import shlex  # noqa: PLC0415 - most downloads do without

    if not request.counts.failed:
        session.out.note(f"No image failed, so {path} is not written.")
        return
    save_failed_rows(session, request.id, path)
    way_on = f"pixmill upload {shlex.quote(str(path))}"
    session.out.note(f"  mend its rows and upload it; its last two columns do no harm: {way_on}")


def _images(session: Session, request: Request, folder: Path, parallel: int) -> None:
    fresh = kept = length = 0
    with Downloading(session.out, request.counts.done) as bar:
        for saved in session.client.download_images(request.id, folder, parallel=parallel):
            session.out.data(
                "saved", {"path": str(saved.path), "bytes": saved.length, "request_id": request.id}
            )
            bar.came(saved.length)
            fresh, kept, length = fresh + saved.fresh, kept + (not saved.fresh), length + saved.length
    there = f", {kept:,} were there already" if kept else ""
    session.out.result(f"{many(fresh, 'image')} fetched into {folder}{there}, {size(length)}")
