"""`pixmill retry`, `cancel` and `delete`: what changes a request."""

import sys
from typing import Annotated

import typer

from pixmill.command.session import Session
from pixmill.command.telling.exits import CommandFailed, Exit, Interrupted
from pixmill.command.verbs.watch import RequestId, watched


def retry(
    session: Session,
    request_id: RequestId,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", metavar="CODE", help="Only what failed with this code; may be given again."),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Wait for the end and show progress.")] = False,
) -> int:
    """Try again what failed or was cancelled."""
    request = session.client.retry(request_id, code or ())
    session.out.data("request", {"request": request.json})
    session.out.result(f"{request.state}: run {request.run} has begun")
    return watched(session, request_id) if watch else Exit.COMPLETED


def cancel(session: Session, request_id: RequestId) -> int:
    """Stop a request; what is done stays."""
    request = session.client.cancel(request_id)
    session.out.data("request", {"request": request.json})
    session.out.result(f"{request.state}; `pixmill retry {request_id}` goes on with it")
    return Exit.COMPLETED


def delete(
    session: Session,
    request_id: RequestId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Remove a request, its images and its files for good."""
    if not yes:
        _ask(session, request_id)
    session.client.delete(request_id)
    session.out.data("deleted", {"request_id": request_id})
    session.out.result(f"deleted: {request_id}")
    return Exit.COMPLETED


def _ask(session: Session, request_id: str) -> None:
    if not sys.stdin.isatty():
        raise CommandFailed("Nobody is there to be asked whether to delete it.", "Say --yes.", Exit.USAGE)
    request = session.client.request(request_id)
    told = f"{request.filename or request_id}, {request.counts.done:,} images made smaller"
    try:
        sure = typer.confirm(f"Delete {told}, for good?", err=True)
    except (typer.Abort, KeyboardInterrupt) as error:
        raise Interrupted("Nothing was deleted.") from error
    if not sure:
        raise CommandFailed("Nothing was deleted.")
