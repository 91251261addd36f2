"""`pixmill status` and `pixmill list`: how requests stand."""

from itertools import islice
from typing import Annotated

import typer

from pixmill.command.session import Session
from pixmill.command.telling.failures import tell_failures
from pixmill.command.telling.text import duration, many, saved
from pixmill.command.verbs.watch import RequestId, exit_of, page_url
from pixmill.records import Request


def status(
    session: Session,
    request_id: RequestId,
    failed: Annotated[bool, typer.Option("--failed", help="Name each image that failed, and why.")] = False,
) -> int:
    """Show how a request stands now."""
    request = session.client.request(request_id)
    session.out.data("request", {"request": request.json})
    _tell(session, request)
    if failed:
        _tell_failed(session, request_id)
    return exit_of(request)


def list_requests(
    session: Session,
    state: Annotated[
        str | None, typer.Option(help="pending, processing, completed, failed, cancelled.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, the newest first.")] = 20,
) -> int:
    """List your requests, the newest first."""
    requests = list(islice(session.client.requests(state), limit))
    for request in requests:
        session.out.data("request", {"request": request.json})
    if not requests:
        session.out.note("There is none. `pixmill upload FILE` makes one.")
    session.out.table(
        ["id", "state", "done", "failed", "uploaded", "file"], [_row(each) for each in requests]
    )
    return 0


def _row(request: Request) -> list[str]:
    when = request.created_at.astimezone().strftime("%Y-%m-%d %H:%M") if request.created_at else ""
    counts = request.counts
    done, failed = f"{counts.done:,} of {counts.images:,}", f"{counts.failed:,}" if counts.failed else ""
    return [request.id, request.state, done, failed, when, request.filename or ""]


def _tell(session: Session, request: Request) -> None:
    out, counts = session.out, request.counts
    progress = "" if request.ended else f"{request.progress:g} %  "
    out.result(f"{request.state}  {progress}{request.filename or ''}")
    out.result(f"  {many(counts.products, 'product')}, {many(counts.images, 'image')}: {_ended(request)}")
    if told := saved(request.bytes_in, request.bytes_out):
        out.result(f"  {told}")
    tell_failures(out, request)
    if request.eta_seconds:
        out.result(f"  about {duration(request.eta_seconds)} left")
    if webhook := request.json.get("webhook"):
        out.result(f"  webhook: {webhook['state']}, {webhook['url']}")
    if request.expires_at:
        out.result(f"  kept until {request.expires_at.astimezone():%Y-%m-%d}")
    out.note(f"  page: {page_url(session.settings.shown_url, request.id)}")


def _ended(request: Request) -> str:
    counts = request.counts
    told = {
        "done": counts.done,
        "failed": counts.failed,
        "cancelled": counts.cancelled,
        "open": counts.remaining,
    }
    return ", ".join(f"{count:,} {word}" for word, count in told.items() if count)


def _tell_failed(session: Session, request_id: str) -> None:
    for image in session.client.images(request_id, "failed"):
        session.out.data("image", {"image": image.json})
        session.out.result(f"  {image.input_url}\n    {image.code}: {image.hint}")
