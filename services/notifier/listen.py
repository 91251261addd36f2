"""A local webhook receiver that verifies and shows what arrives: for people who write a subscriber, for the
demo and for tests. It is not part of the running service.
"""

import argparse
import asyncio
import base64
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from services.notifier.excerpt import printable
from services.notifier.sign import ID_HEADER, verification_problem
from shared.contract.webhook_secret import SECRET_PREFIX

SECRET_VARIABLE = "WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
MOST_BODY_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One delivery as it arrived."""

    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes
    problem: str | None  # why it is not genuine; None when it is, or without a secret to tell by
    repeated: bool  # a genuine delivery with this webhook-id came before

    @property
    def webhook_id(self) -> str | None:
        return self.headers.get(ID_HEADER)


@dataclass(slots=True)
class LocalReceiver:
    """Answers every POST, 204 if it is genuine and 401 if not, and records it."""

    secret: str | None = None
    on_delivery: Callable[[Received], None] = lambda _: None
    deliveries: list[Received] = field(default_factory=list)
    url: str = ""
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    @asynccontextmanager
    async def open(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator["LocalReceiver"]:
        """Listens while the block runs. Port 0 means any free port; `url` says which."""
        app = web.Application(client_max_size=MOST_BODY_BYTES)
        app.router.add_post("/{path:.*}", self._take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
            self.url = f"http://{host}:{runner.addresses[0][1]}/"
            yield self
        finally:
            await runner.cleanup()

    async def wait_for(self, count: int, timeout_seconds: float) -> list[Received]:
        """Returns once `count` deliveries have arrived; raises TimeoutError."""
        async with asyncio.timeout(timeout_seconds), self._arrived:
            await self._arrived.wait_for(lambda: len(self.deliveries) >= count)
        return list(self.deliveries)

    async def _take(self, request: web.Request) -> web.Response:
        delivery = self._judge(request, await request.read())
        self.deliveries.append(delivery)
        self.on_delivery(delivery)
        async with self._arrived:
            self._arrived.notify_all()
        return web.Response(status=204) if delivery.problem is None else web.Response(status=401)

    def _judge(self, request: web.Request, body: bytes) -> Received:
        headers = {name.lower(): value for name, value in request.headers.items()}
        problem = verification_problem(headers, body, self.secret, time.time()) if self.secret else None
        repeated = any(
            known.webhook_id == headers.get(ID_HEADER) and known.problem is None for known in self.deliveries
        )
        return Received(path=request.path, headers=headers, body=body, problem=problem, repeated=repeated)


def listen(arguments: list[str]) -> None:
    """The command: prints deliveries until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m services.notifier listen", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000, help="0 takes a free one (default: %(default)s)")
    parser.add_argument(
        "--secret",
        type=_secret,
        default=os.environ.get(SECRET_VARIABLE),
        help=f"as GET /v1/webhooks/secret shows it (default: ${SECRET_VARIABLE}); without: no verification",
    )
    options = parser.parse_args(arguments)
    try:
        asyncio.run(_listen(options.host, options.port, options.secret))
    except (OSError, OverflowError) as error:  # the latter: of a port beyond the last one
        raise SystemExit(f"cannot listen: {error}") from error


def _secret(text: str) -> str:
    try:
        key = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise argparse.ArgumentTypeError("must be whsec_ and base64")
    return text


async def _listen(host: str, port: int, secret: str | None) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stopped.set)
    async with LocalReceiver(secret, _show).open(host, port) as receiver:
        _say(f"listening on {receiver.url}" + ("" if secret else ", verifying nothing: no secret given"))
        await stopped.wait()


def _show(delivery: Received) -> None:
    verdict = delivery.problem or ("repeated" if delivery.repeated else "accepted")
    _say(f"{delivery.webhook_id or 'no webhook-id'}  {verdict}")
    _say(delivery.body.decode(errors="replace"))


def _say(text: str) -> None:
    sys.stdout.write(printable(text) + "\n")
    sys.stdout.flush()
