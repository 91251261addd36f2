"""One post at a time against real receivers on loopback, well-behaved and otherwise."""

import asyncio
import contextlib
import socket
import ssl
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from services.notifier.deliveries import Attempt
from services.notifier.poster import HttpPoster, Post, open_poster
from services.notifier.target import parse_target
from shared.contract.events import DeliveryOutcome
from shared.observing.vitals import watch_event_loop
from shared.outbound.answer import HEAD_BYTES
from shared.outbound.certificates import CertificateFault
from tests.worlds.hosts.certificate import certificate
from tests.worlds.hosts.patient_client import patient_client
from tests.worlds.patience import DEADLINE_SECONDS

LOOPBACK = (ip_network("127.0.0.0/8"),)
BODY = '{"type":"request.completed","message":"Grüße"}'.encode()
HEADERS = {"Content-Type": "application/json", "webhook-id": "id-1", "traceparent": "trace"}

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class HeardRequest:
    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def receiver(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> AsyncIterator[HeardRequest]:
    """Hears one request a connection, then does what the test wants."""
    heard = HeardRequest()
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            heard.requests.append(await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(len(BODY)))
            await behaviour(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        serving.add(task)

    server = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=tls)
    heard.port = server.sockets[0].getsockname()[1]
    try:
        yield heard
    finally:
        server.close()
        if serving:
            _, left = await asyncio.wait(serving, timeout=DEADLINE_SECONDS)
            assert not left, "the connection was left open"


def says(status: str, *headers: str, body: bytes = b"") -> Behaviour:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]

    async def behaviour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return behaviour


async def hangs(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()  # until the other side gives up


async def resets(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.fixture
async def poster() -> AsyncIterator[HttpPoster]:
    """As in the service: while our loop stands still no receiver is given up."""
    stopping = asyncio.Event()
    watching = asyncio.create_task(watch_event_loop(stopping))
    async with open_poster(LOOPBACK, lambda: datetime.now(UTC)) as opened:
        yield opened
    stopping.set()
    await watching


@pytest.fixture
def impatient(poster: HttpPoster) -> HttpPoster:
    return replace(poster, attempt_seconds=1.0)


async def post(poster: HttpPoster, url: str) -> Attempt:
    async with asyncio.timeout(DEADLINE_SECONDS):
        attempt = await poster.post(Post(parse_target(url, LOOPBACK), HEADERS, BODY))
    assert "CANARY" not in repr(attempt)
    return attempt


async def test_a_receiver_gets_the_bytes_and_headers_and_its_204_delivers(poster: HttpPoster) -> None:
    """R16."""
    async with receiver(says("204 No Content")) as heard:
        attempt = await post(poster, f"http://user:CANARY@127.0.0.1:{heard.port}/hook?token=CANARY")
    assert (attempt.outcome, attempt.status_code) == (DeliveryOutcome.DELIVERED, 204)
    assert attempt.duration_ms > 0
    (request,) = heard.requests
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /hook?token=CANARY HTTP/1.1"
    assert body == BODY
    for line in (
        "Content-Type: application/json",
        "webhook-id: id-1",
        "traceparent: trace",
        f"Content-Length: {len(BODY)}",
        "User-Agent: Pixmill/1",
        "Accept-Encoding: identity",
        "Authorization: Basic dXNlcjpDQU5BUlk=",
    ):
        assert line in lines


async def test_each_post_has_a_connection_of_its_own(poster: HttpPoster) -> None:
    """A receiver may close one that is kept just then, and would be blamed for the post over it."""
    behind: list[bytes] = []

    async def answers_and_listens(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await says("200 OK")(reader, writer)
        behind.append(await reader.read(1))

    async with receiver(answers_and_listens) as heard:
        for _ in range(2):
            attempt = await post(poster, f"http://127.0.0.1:{heard.port}/")
            assert attempt.outcome is DeliveryOutcome.DELIVERED
    assert (heard.connections, behind) == (2, [b"", b""])


async def test_a_receiver_that_hangs_is_given_up_in_time(impatient: HttpPoster) -> None:
    """R17."""
    async with receiver(hangs) as heard:
        attempt = await post(impatient, f"http://127.0.0.1:{heard.port}/")
    assert attempt.outcome is DeliveryOutcome.FAILED
    assert attempt.error == "timed_out: the host did not answer in time"


async def test_a_receiver_that_drips_its_head_is_given_up_in_time(impatient: HttpPoster) -> None:
    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not reader.at_eof():
            writer.write(b"X-Drip: 1\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with receiver(drips) as heard:
        attempt = await post(impatient, f"http://127.0.0.1:{heard.port}/")
    assert (attempt.error or "").startswith("timed_out")


async def test_a_body_that_hangs_after_a_2xx_is_still_a_delivery(impatient: HttpPoster) -> None:
    """R17: the status is the receiver's word; repeating the post would only bother it."""
    head_read_at: list[float] = []

    async def stalls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthank")
        await reader.read()

    def late_seconds() -> float:
        """All the time until the head was read, however long that took here, takes none of the receiver's."""
        return head_read_at[0] if head_read_at else time.monotonic()

    def now() -> datetime:
        head_read_at.append(time.monotonic())
        return datetime.now(UTC)

    async with receiver(stalls) as heard:
        patient = replace(impatient, now=now, late_seconds=late_seconds)
        attempt = await post(patient, f"http://127.0.0.1:{heard.port}/")
    assert (attempt.outcome, attempt.response_excerpt) == (DeliveryOutcome.DELIVERED, "thank")


@pytest.mark.parametrize(
    "answer",
    [
        b"204 No Content\r\nConnection: close\r\nContent-Length: 2\r\n\r\nOK",  # as gunicorn sends it
        b"204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"200 OK\r\nContent-Length: 2\r\n\r\nOK, thank you",
        b"200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n",
        b"200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n",
        b"200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nOK",
        b"200 OK\r\nContent-Length: 2\r\nContent-Security-Policy: " + b"x" * 20_000 + b"\r\n\r\nOK",
    ],
    ids=[
        "a body of a 204",
        "chunks of a 204",
        "more than announced",
        "broken chunks",
        "chunks and length",
        "a length said twice",
        "a long policy",
    ],
)
async def test_a_2xx_is_a_delivery_whatever_comes_with_it(poster: HttpPoster, answer: bytes) -> None:
    """R17: in the same piece as its head."""

    async def behaviour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 " + answer)
        await writer.drain()

    async with receiver(behaviour) as heard:
        attempt = await post(poster, f"http://127.0.0.1:{heard.port}/")
    assert (attempt.outcome, attempt.error) == (DeliveryOutcome.DELIVERED, None)


async def test_a_redirect_is_a_failure_and_never_followed(poster: HttpPoster) -> None:
    """R17, R20."""
    async with (
        receiver(says("204 No Content")) as elsewhere,
        receiver(says("307 Temporary Redirect", f"Location: http://127.0.0.1:{elsewhere.port}/")) as heard,
    ):
        attempt = await post(poster, f"http://127.0.0.1:{heard.port}/")
    assert attempt.error == "http_307: redirects are not followed"
    assert elsewhere.connections == 0


async def test_of_a_huge_answer_only_the_beginning_is_read(poster: HttpPoster) -> None:
    """R20."""
    written = 0

    async def floods(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 500 Oops\r\nContent-Length: 100000000\r\n\r\n")
        while written < 100_000_000:
            writer.write(b"x" * 65_536)
            await writer.drain()
            written += 65_536

    async with receiver(floods) as heard:
        attempt = await post(poster, f"http://127.0.0.1:{heard.port}/")
    assert (attempt.status_code, attempt.response_excerpt) == (500, "x" * 1024)
    assert written < 50_000_000


async def test_an_answer_that_is_packed_is_not_unpacked(poster: HttpPoster) -> None:
    packed = b"\x1f\x8b\x08\x00"
    async with receiver(says("200 OK", "Content-Encoding: gzip", body=packed)) as heard:
        attempt = await post(poster, f"http://127.0.0.1:{heard.port}/")
    assert (attempt.outcome, attempt.response_excerpt) == (DeliveryOutcome.DELIVERED, "\\x1f\ufffd\\x08\\x00")


async def test_an_answer_that_echoes_the_url_is_kept_without_its_secrets(poster: HttpPoster) -> None:
    """R20."""
    echo = b"Cannot POST /hook?token=CANARY as user:CANARY (dXNlcjpDQU5BUlk=)"
    async with receiver(says("404 Not Found", body=echo)) as heard:
        attempt = await post(poster, f"http://user:CANARY@127.0.0.1:{heard.port}/hook?token=CANARY")
    assert (attempt.status_code, attempt.outcome) == (404, DeliveryOutcome.FAILED)
    assert "dXNlcjpDQU5BUlk=" not in repr(attempt)
    assert (attempt.response_excerpt or "").startswith("Cannot POST /hook?[redacted] as ")


async def test_a_410_ends_the_delivery_for_good(poster: HttpPoster) -> None:
    """R17."""
    async with receiver(says("410 Gone", body=b"bye")) as heard:
        attempt = await post(poster, f"http://127.0.0.1:{heard.port}/")
    assert (attempt.outcome, attempt.response_excerpt) == (DeliveryOutcome.GONE, "bye")


async def test_retry_after_is_read_in_seconds_and_as_a_date(poster: HttpPoster) -> None:
    """R17."""
    async with receiver(says("429 Too Many Requests", "Retry-After: 7")) as heard:
        assert (await post(poster, f"http://127.0.0.1:{heard.port}/")).retry_after_seconds == 7
    now = datetime(2026, 11, 28, tzinfo=UTC)
    date = (now + timedelta(seconds=100)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    async with receiver(says("503 Service Unavailable", f"Retry-After: {date}")) as heard:
        attempt = await post(replace(poster, now=lambda: now), f"http://127.0.0.1:{heard.port}/")
    assert attempt.retry_after_seconds == 100


@pytest.mark.parametrize(
    "behaviour",
    [
        resets,
        says("not a status line"),
        says("200 OK", "Content-Length: 1"),
        says("200 OK", "X-Long: " + "x" * HEAD_BYTES),
    ],
    ids=["reset", "no status line", "two lengths", "endless header"],
)
async def test_a_broken_answer_is_a_failure(poster: HttpPoster, behaviour: Behaviour) -> None:
    """R17."""
    async with receiver(behaviour) as heard:
        attempt = await post(poster, f"http://127.0.0.1:{heard.port}/?CANARY")
    assert attempt.outcome is DeliveryOutcome.FAILED
    assert attempt.error == "connection_lost: the host broke off or garbled its answer"


async def test_a_closed_port_and_an_unknown_name_are_failures(poster: HttpPoster) -> None:
    """R17."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        attempt = await post(poster, f"http://127.0.0.1:{bound.getsockname()[1]}/")
    assert (attempt.error or "").startswith("connect_failed")
    attempt = await post(poster, "https://no-such-host.invalid/?CANARY")
    assert (attempt.error or "").split(":")[0] in {"dns_failed", "timed_out"}


async def test_a_wrong_certificate_fails_and_a_right_one_delivers(poster: HttpPoster, tmp_path: Path) -> None:
    """R20."""
    serving, trusting = certificate(tmp_path)
    async with receiver(says("204 No Content"), serving) as heard:
        url = f"https://127.0.0.1:{heard.port}/"
        refused = await post(poster, url)
        assert refused.error == (
            "tls_failed: the host's certificate is signed by itself, not by an authority"
        )
        assert heard.requests == []
        async with patient_client(LOOPBACK, tls=trusting) as client:
            attempt = await post(HttpPoster(client, poster.plain, poster.now), url)
    assert attempt.outcome is DeliveryOutcome.DELIVERED


@pytest.mark.parametrize(
    ("address", "begins", "fault"),
    [
        ("127.0.0.1", timedelta(days=-2), CertificateFault.EXPIRED),
        ("127.0.0.1", timedelta(days=1), CertificateFault.NOT_YET_VALID),
        ("127.0.0.2", timedelta(hours=-1), CertificateFault.OTHER_NAME),
    ],
)
async def test_a_receiver_is_told_what_is_wrong_with_its_certificate(
    poster: HttpPoster, tmp_path: Path, address: str, begins: timedelta, fault: CertificateFault
) -> None:
    """R20."""
    serving, trusting = certificate(tmp_path, address=address, begins=begins)
    async with (
        receiver(says("204 No Content"), serving) as heard,
        patient_client(LOOPBACK, tls=trusting) as client,
    ):
        attempt = await post(HttpPoster(client, poster.plain, poster.now), f"https://127.0.0.1:{heard.port}/")
    assert (attempt.outcome, heard.requests) == (DeliveryOutcome.FAILED, [])
    assert attempt.error == f"tls_failed: the host's certificate {fault}"


@pytest.mark.parametrize("address", ["93.184.216.34", "10.1.2.3", "2606:2800:220:1::1"])
async def test_unencrypted_posts_go_to_allowed_addresses_only(address: str) -> None:
    """R20: an http name is judged by the address it leads to, public or not."""
    async with open_poster(LOOPBACK, lambda: datetime.now(UTC), Fixed(address)) as poster:
        attempt = await post(poster, "http://shop.example/")
    assert (attempt.error or "").startswith("blocked_address")
    assert attempt.outcome is DeliveryOutcome.FAILED  # a name may lead elsewhere tomorrow


async def test_an_https_name_that_leads_to_a_private_address_is_blocked() -> None:
    """R20."""
    async with open_poster(LOOPBACK, lambda: datetime.now(UTC), Fixed("10.1.2.3")) as poster:
        attempt = await post(poster, "https://shop.example/")
    assert (attempt.error or "").startswith("blocked_address")


class Fixed(AbstractResolver):
    def __init__(self, address: str) -> None:
        self._address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        family = socket.AF_INET6 if ":" in self._address else socket.AF_INET
        return [ResolveResult(hostname=host, host=self._address, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None: ...
