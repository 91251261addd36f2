"""`pixmill trigger`: a signed sample webhook, so that a receiver can be written before anything runs."""

import json
import time
import uuid
from datetime import datetime, timezone
from typing import Annotated, Any

import typer

from pixmill.command.session import Session
from pixmill.command.telling.exits import CommandFailed, Exit
from pixmill.command.telling.text import printable
from pixmill.command.verbs.webhooks.listen import Secret, secret_of
from pixmill.command.verbs.webhooks.posting import posted, require_receiver
from pixmill.flows.paths import without_password
from pixmill.webhooks import signed

_EXCERPT_CHARACTERS = 300


def trigger(
    session: Session,
    receiver: Annotated[str, typer.Argument(metavar="RECEIVER", help="Its address.", show_default=False)],
    secret: Secret = None,
    state: Annotated[str, typer.Option(help="completed, failed or cancelled.")] = "completed",
) -> int:
    """Send a signed sample webhook to a receiver."""
    if state not in ("completed", "failed", "cancelled"):
        raise CommandFailed(
            f"{state!r} is no end of a request.", "completed, failed or cancelled.", Exit.USAGE
        )
    require_receiver(receiver)
    body = json.dumps(sample(state), separators=(",", ":")).encode()
    webhook_id = str(uuid.uuid4())
    headers = signed(webhook_id, int(time.time()), body, secret_of(session, secret))
    session.out.note(f"posting {len(body)} bytes to {without_password(receiver)}")
    return _tell(session, receiver, posted(receiver, body, {"content-type": "application/json", **headers}))


def sample(state: str) -> dict[str, Any]:
    """As Pixmill writes it: docs/events.md."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    request_id = "01930000-0000-7000-8000-000000000001"
    done = {"completed": 1, "failed": 0, "cancelled": 0}[state]
    output = f"https://pixmill.example/v1/files/requests/{request_id}/output/0-bb.jpg" if done else None
    product = {
        "requestId": request_id,
        "serialNumber": 1,
        "productName": "Teapot",
        "inputImageUrls": ["https://shop.example/1.jpg"],
        "outputImageUrls": [output],
        "processingStatus": "completed" if done else "failed",
    }
    counts = {"products": 1, "images": 1, "done": done, "failed": int(state == "failed")}
    counts |= {"cancelled": int(state == "cancelled"), "remaining": 0}
    link = f"https://pixmill.example/v1/requests/{request_id}"
    return {
        "type": "request.completed",
        "timestamp": now,
        "request_id": request_id,
        "requestId": request_id,
        "run": 1,
        "status": state,
        "message": f"{done} of 1 images were processed. This is a sample.",
        "output_csv_url": f"{link}/output.csv",
        "data": {
            "request_id": request_id,
            "state": state,
            "counts": counts,
            "bytes_in": 4096 * done,
            "bytes_out": 1024 * done,
            "status_url": link,
            "output_csv_url": f"{link}/output.csv",
            "created_at": now,
            "completed_at": now,
            "products": [product],
            "products_truncated": False,
            "products_url": f"https://pixmill.example/api/status/{request_id}",
        },
    }


def _tell(session: Session, url: str, response: Any) -> int:
    accepted, shown = response.is_success, without_password(url)
    session.out.data("triggered", {"url": shown, "answer": response.status_code, "accepted": accepted})
    session.out.result(f"{shown} answered {response.status_code}")
    if excerpt := response.text[:_EXCERPT_CHARACTERS].strip():
        session.out.result(f"  {printable(excerpt)}")
    if not accepted:
        way_out = "A webhook is delivered when its receiver answers 200 to 299; a redirect is not followed."
        session.out.error("The receiver did not accept it.", way_out)
    return Exit.COMPLETED if accepted else Exit.REFUSED
