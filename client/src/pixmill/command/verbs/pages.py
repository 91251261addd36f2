"""`pixmill open`: the page of a request in the browser."""

import webbrowser

from pixmill.command.session import Session
from pixmill.command.verbs.watch import RequestId, page_url


def open_page(session: Session, request_id: RequestId) -> int:
    """Open the page of a request in the browser."""
    request = session.client.request(request_id)
    page = page_url(session.settings.shown_url, request.id)
    session.out.data("page", {"page_url": page, "request_id": request.id})
    session.out.result(page)
    if not webbrowser.open(page):
        session.out.note("There is no browser here: open the address above.")
    return 0
