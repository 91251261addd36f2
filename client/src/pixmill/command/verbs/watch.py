"""`pixmill watch`, and the end of each command that waits for a request."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixmill.command.places import require_table
from pixmill.command.session import READ_SECONDS, Session
from pixmill.command.telling.exits import CommandFailed, Exit, Interrupted
from pixmill.command.telling.failures import tell_failures, tell_ways_on
from pixmill.command.telling.output import bad, good
from pixmill.command.telling.text import duration, many, saved
from pixmill.command.verbs.tables import save_output

if TYPE_CHECKING:
    from pixmill.errors import PixmillError
    from pixmill.records import Image, Request


def _require_id(text: str) -> str:
    """A script's variable may be empty."""
    if not text.strip():
        raise typer.BadParameter("it is empty; `pixmill list` shows the requests that there are.")
    return text


RequestId = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="As upload and list show it.", show_default=False, callback=_require_id
    ),
]


def watch(
    session: Session,
    request_id: RequestId,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the output CSV there, or a workbook (.xlsx)."
        ),
    ] = None,
) -> int:
    """Show how a request goes on until it has ended."""
    require_table(output)
    return watched(session, request_id, output)


def watched(session: Session, request_id: str, output: Path | None = None) -> Exit:
    """Waits for the end, says it, and writes the output."""
    from pixmill.command.telling.progress import watching  # noqa: PLC0415 - the first line came before it
    from pixmill.command.telling.standstill import Standstill  # noqa: PLC0415
    from pixmill.errors import PixmillError  # noqa: PLC0415

    bar = watching(session.out)
    next_image = partial(_next_image, session, request_id)
    still = Standstill(session.out, next_image, stood_still=bar.stand_still)
    try:
        with bar, still:

            def look(news: "Request") -> None:
                still.look(news)  # first: from then on it lets the bar alone
                bar.look(news)

            request = session.client.wait(request_id, look)
    except KeyboardInterrupt as error:
        raise Interrupted(
            f"The request goes on. Look on: pixmill watch {request_id}. End it: pixmill cancel {request_id}."
        ) from error
    except PixmillError as error:
        if not (goes_on := _goes_on(error)):
            raise
        raise CommandFailed(
            str(error), f"{goes_on}; look at it again: pixmill watch {request_id}."
        ) from error
    tell_end(session, request)
    if output:
        _save(session, request_id, output)
    return exit_of(request)


def _goes_on(error: "PixmillError") -> str:
    """What becomes of the request meanwhile: to upload its file again would make a second one. Nothing where
    it is not there, or what answers is not Pixmill.
    """
    from pixmill.errors import (  # noqa: PLC0415
        RateLimitedError,
        UnauthorizedError,
        UnavailableError,
        UnreachableError,
    )

    match error:
        case UnauthorizedError():
            return "The request goes on without a key. Give a right one by `pixmill login` or PIXMILL_API_KEY"
        case RateLimitedError():
            return "The request goes on"
        case UnavailableError() | UnreachableError():
            return "The request goes on once the server does"
        case _:
            return ""


def _next_image(session: Session, request_id: str) -> "Image | None":
    """Asked once and silently, on a connection of its own: the client's are of the one who waits."""
    from contextlib import closing  # noqa: PLC0415 - seldom needed

    from pixmill.exchange import Address  # noqa: PLC0415
    from pixmill.flows.requests import next_image  # noqa: PLC0415
    from pixmill.patience import Patience  # noqa: PLC0415
    from pixmill.shell import Shell  # noqa: PLC0415

    patience = Patience(tries=1, read_seconds=READ_SECONDS)
    address = Address(session.settings.url, session.settings.api_key, patience, connections=1)
    with closing(Shell(address)) as shell:
        return shell.run(next_image(request_id, patience))


def _save(session: Session, request_id: str, path: Path) -> None:
    """The request has ended: whatever comes between, no second one is needed for its output."""
    import shlex  # noqa: PLC0415 - the first line came before it

    from pixmill.command.telling.sentences import sentence_of  # noqa: PLC0415

    again = f"pixmill download {request_id} --output {shlex.quote(str(path))}"
    try:
        save_output(session, request_id, path)
    except KeyboardInterrupt as error:
        raise Interrupted(f"The request has ended. Fetch what came out: {again}") from error
    except BrokenPipeError:
        raise  # nobody reads
    except Exception as error:
        failed = sentence_of(error)
        if failed is None:
            raise
        way_out = f"The request has ended; this fetches what came out: {again}"
        raise CommandFailed(failed.sentence, way_out, failed.code) from error


def tell_end(session: Session, request: "Request") -> None:
    out, counts = session.out, request.counts
    out.data("ended", {"request": request.json})
    if out.as_json:
        return
    parts = [f"{counts.done:,} of {many(counts.images, 'image')} made smaller"]
    parts += [text for text in (saved(request.bytes_in, request.bytes_out), _took(request)) if text]
    word = good(request.state) if exit_of(request) == Exit.COMPLETED else bad(request.state)
    typer.echo(f"{word}: {', '.join(parts)}")
    tell_failures(out, request)
    tell_ways_on(out, request)
    if counts.cancelled:
        out.note(f"  the others are made by: pixmill retry {request.id}")
    if counts.done:
        out.note(f"  what came out: pixmill download {request.id} --images DIR")


def exit_of(request: "Request") -> Exit:
    """3 for what has ended without all of its images."""
    if not request.ended:
        return Exit.COMPLETED
    whole = request.state == "completed" and not request.counts.failed
    return Exit.COMPLETED if whole else Exit.FAILED_IMAGES


def page_url(url: str, request_id: str) -> str:
    """The page for people."""
    return f"{url}/#/requests/{request_id}"


def _took(request: "Request") -> str:
    """How long the first run took. Of a later one the server does not say when it began."""
    if request.run > 1 or request.created_at is None or request.completed_at is None:
        return ""
    return f"in {duration((request.completed_at - request.created_at).total_seconds())}"
