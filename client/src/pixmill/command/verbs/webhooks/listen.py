"""`pixmill listen`: receives webhooks on this machine, verifies them, shows them and hands them on."""

import errno
import os
import re
import socket
import threading
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Annotated, Any

import typer

from pixmill.command.session import Session
from pixmill.command.telling.exits import CommandFailed, Exit
from pixmill.command.verbs.webhooks.posting import SILENCE_SECONDS, posted, require_receiver
from pixmill.command.verbs.webhooks.repeats import Repeats
from pixmill.errors import ForgedWebhookError, PixmillError, UnreachableError
from pixmill.records import Completion
from pixmill.webhooks import key_of, verify_webhook

SECRET_VARIABLE = "PIXMILL_WEBHOOK_SECRET"  # noqa: S105 - a name
MOST_BODY_BYTES = 4 * 1024 * 1024
_LENGTH = re.compile(r"[0-9]{1,15}")
_NOT_HANDED_ON = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}

Secret = Annotated[
    str | None,
    typer.Option(
        envvar=SECRET_VARIABLE,
        show_envvar=True,
        help="whsec_…; asked of the server if not given.",
        show_default=False,
    ),
]


def listen(
    session: Session,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 9000,
    forward: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Hand each genuine one on to this address, and its answer back."),
    ] = None,
    secret: Secret = None,
    limit: Annotated[int, typer.Option(min=0, help="End after so many; 0 never ends.")] = 0,
) -> int:
    """Receive webhooks on this machine: verify, show and hand them on."""
    if forward is not None:
        require_receiver(forward)
    receiver = Receiver(session, secret_of(session, secret), forward, limit)
    shown = f"[{host}]" if ":" in host else host
    try:
        server = _Server(host, port, _handler(receiver))
    except OSError as error:
        is_taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
        way_out = "--port 0 takes a free one." if is_taken else "--host names an address of this machine."
        raise CommandFailed(f"Cannot listen on {shown}:{port}: {error.strerror}.", way_out) from error
    url = f"http://{shown}:{server.server_port}/"
    session.out.data("listening", {"url": url})
    session.out.result(f"listening on {url}")
    session.out.note("  give it as the webhook's address: pixmill upload FILE --webhook " + url)
    session.out.note("  or try it now: pixmill trigger " + url)
    receiver.ended = threading.Thread(target=server.shutdown).start
    try:
        server.serve_forever(0.1)
    except KeyboardInterrupt:
        session.out.note("")
    finally:
        server.server_close()
    return Exit.COMPLETED if limit and receiver.taken >= limit else Exit.INTERRUPTED


def secret_of(session: Session, given: str | None) -> str:
    """Raises CommandFailed if there is none to be had."""
    if given is None:
        try:
            return session.client.webhook_secret()
        except UnreachableError as error:
            raise CommandFailed(str(error), _without_a_server()) from error
    try:
        key_of(given)
    except ValueError as error:
        raise CommandFailed(
            str(error), "`pixmill listen` without --secret asks the server.", Exit.USAGE
        ) from error
    return given


def _without_a_server() -> str:
    """A receiver can be tried out before anything else runs: then any secret does."""
    secret = f"whsec_{b64encode(os.urandom(24)).decode()}"
    return f"It tells the secret. To try a receiver without it, set {SECRET_VARIABLE}={secret}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), handler)

    def server_bind(self) -> None:
        """Without asking the network for this machine's name, which can take long."""
        TCPServer.server_bind(self)
        self.server_port = int(self.server_address[1])


class Receiver:
    """Judges what arrives; several threads may ask at once."""

    def __init__(self, session: Session, secret: str, forward: str | None, limit: int) -> None:
        self._session, self._secret, self._forward, self._limit = session, secret, forward, limit
        self._repeats = Repeats()
        self._lock = threading.Lock()
        self.taken = 0
        self.ended: Any = lambda: None

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """Returns the HTTP status to answer with."""
        try:
            completion = verify_webhook(body, headers, self._secret)
        except ForgedWebhookError as error:
            self._tell({"genuine": False, "problem": str(error)}, f"refused: {error}")
            return 401
        with self._lock:
            repeated = self._repeats.is_one(completion.id)
        status = self._handed_on(body, headers) if self._forward else 204
        told = {
            "genuine": True,
            "repeated": repeated,
            "answer": status,
            "id": completion.id,
            "event": completion.json,
        }
        self._tell(told, _line(completion, status, repeated=repeated))
        return status

    def _tell(self, content: dict[str, Any], line: str) -> None:
        with self._lock:
            self._session.out.data("webhook", content)
            self._session.out.result(line)

    def answered(self) -> None:
        """Who sent it has heard: not before may the last of them end us."""
        with self._lock:
            self.taken += 1
            if self.taken == self._limit:
                self.ended()

    def _handed_on(self, body: bytes, headers: dict[str, str]) -> int:
        kept = {name: value for name, value in headers.items() if name not in _NOT_HANDED_ON}
        try:
            return int(posted(str(self._forward), body, kept).status_code)
        except (CommandFailed, PixmillError) as error:
            self._session.out.error(str(error))
            return 502


def _line(completion: Completion, status: int, *, repeated: bool) -> str:
    again = ", came before" if repeated else ""
    return f"{completion.id}  {completion.request_id}  {completion.message}  answered {status}{again}"


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = SILENCE_SECONDS

        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            length = self.headers.get("content-length") or ""
            if not _LENGTH.fullmatch(length) or int(length) > MOST_BODY_BYTES:
                self.send_error(413)
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.take(self.rfile.read(int(length)), headers)
            try:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
            finally:
                receiver.answered()

    return Handler
