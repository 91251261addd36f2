"""Fetching from real hosts on loopback, good and bad: whatever a host does wrong costs only its own image."""

import asyncio
import gzip
import ipaddress
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from services.processor.fetching import our_time
from services.processor.fetching.fetcher import Fetcher, FetchLimits
from services.processor.fetching.host_gates import HostGates
from services.processor.fetching.our_time import LEAST_SECONDS
from services.processor.fetching.outages import Told
from services.processor.verdicts import Failure, NotNow, NoVerdict
from shared.contract.codes import hint_of, http_code
from shared.observing.loop_lag import LoopLag
from shared.observing.vitals import watch_event_loop
from shared.outbound.addresses import Networks
from shared.outbound.client import Timeouts
from shared.patience import Patience
from tests.worlds.hosts.patient_client import PATIENT, patient_client
from tests.worlds.hosts.raw_server import Behaviour, RawServer, raw_server, repeats, resets, says
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.processes.traced_memory import traced_memory

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
QUICK = Timeouts(connect_seconds=0.4, head_seconds=0.6, silence_seconds=0.6)
LIMITS = FetchLimits(max_bytes=3_000_000, grace_seconds=DEADLINE_SECONDS)  # the hosts are in our own process
# In all it has time enough: whoever drips is found by his rate, however late his head is read.
IMPATIENT = FetchLimits(max_bytes=3_000_000, total_seconds=DEADLINE_SECONDS, grace_seconds=0.4)
BODY = b"\xff\xd8\xff" + bytes(2000)
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


def now() -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC)


@asynccontextmanager
async def fetcher(
    allow: Networks = LOOPBACK,
    limits: FetchLimits = LIMITS,
    timeouts: Timeouts = PATIENT,
    late_seconds: Callable[[], float] = lambda: 0,
) -> AsyncIterator[Fetcher]:
    async with patient_client(allow, timeouts=timeouts) as client:
        yield Fetcher(client, HostGates(24, under_way=64), limits, now=now, late_seconds=late_seconds)


async def fetch(using: Fetcher, url: object) -> bytes | Failure | NotNow:
    async with using.fetched(str(url)) as got:
        return got


async def code_of(using: Fetcher, url: object) -> str:
    got = await fetch(using, url)
    assert isinstance(got, Failure), got
    return got.code


def redirect(location: str | bytes, status: int = 302) -> bytes:
    to = location if isinstance(location, bytes) else location.encode()
    return b"HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, to)


@asynccontextmanager
async def paths(answer: Callable[[str], bytes]) -> AsyncIterator[RawServer]:
    """A server whose answer depends on the path."""

    async def behaviour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(server.requests[-1].split()[1].decode()))
        await writer.drain()

    async with raw_server(behaviour) as server:
        yield server


async def test_a_good_image_arrives_whole() -> None:
    async with raw_server(says(GOOD)) as server, fetcher() as using:
        assert await fetch(using, server.url()) == BODY


LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKS = b"%x;of=one\r\n" % len(BODY) + BODY + b"\r\n0\r\nX-Sum: 1\r\n\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
ODD_HEADS: dict[str, tuple[bytes, ...]] = {
    "a length said twice": (LENGTH, LENGTH, b"", BODY),
    "chunks beside a length": (LENGTH, b"Transfer-Encoding: chunked", b"", CHUNKS),
    "a coding that is none": (b"Transfer-Encoding: identity", LENGTH, b"", BODY),
    "a policy of 20 kB": (LENGTH, b"Content-Security-Policy: " + b"a" * 20_000, b"", BODY),
    "150 cookies": (LENGTH, *[b"Set-Cookie: a=b"] * 150, b"", BODY),
    "lines that are none": (b"X Y: a", b"no header", b"\xfc: x", b"X: \0", LENGTH, b"", BODY),
    "more than the body": (LENGTH, b"", BODY + b"and more"),
    "a length that says nothing": (b"Content-Length:", b"Connection: close", b"", BODY),
    "a length that is none": (b"Content-Length: None", b"", BODY),
    "a length of a program that knew none": (b"Content-Length: -1", b"", BODY),
}


@pytest.mark.parametrize("pieces", [1, 2_500])
@pytest.mark.parametrize("early", [b"", EARLY], ids=["", "hinted early"])
@pytest.mark.parametrize("name", ODD_HEADS)
async def test_an_image_arrives_whatever_else_its_host_says(name: str, early: bytes, pieces: int) -> None:
    """R09: as in every browser; also byte by byte."""
    whole = early + b"\r\n".join((b"HTTP/1.1 200 OK", *ODD_HEADS[name]))
    size = -(-len(whole) // pieces)

    async def behaviour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(whole), size):
            writer.write(whole[start : start + size])
            await asyncio.sleep(0)

    async with raw_server(behaviour) as server, fetcher() as using:
        assert await fetch(using, server.url()) == BODY


@pytest.mark.parametrize(
    "line",
    [
        b"http/1.1 200 OK",
        b"HTTP/2 200",
        b"HTTP/1.2 200",
        b"HTTP/1.1  200  OK",
        b"HTTP/1.1 200 " + b"a" * 9_000,
    ],
)
async def test_an_image_arrives_whatever_its_host_calls_its_http(line: bytes) -> None:
    """R09: as in every browser."""
    whole = b"\r\n".join((line, LENGTH, b"", BODY))
    async with raw_server(says(whole)) as server, fetcher() as using:
        assert await fetch(using, server.url()) == BODY


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_three_redirects_are_followed_and_a_fourth_is_not(status: int) -> None:
    def answer(path: str) -> bytes:
        left = int(path[1:])
        return redirect(f"/{left - 1}", status) if left else GOOD

    async with paths(answer) as server, fetcher() as using:
        assert await fetch(using, server.url() / "3") == BODY
        assert await code_of(using, server.url() / "4") == "too_many_redirects"


@pytest.mark.parametrize(
    ("path", "location", "leads_to"),
    [
        ("/a%20b/first.jpg", b"next.jpg", "/a%20b/next.jpg"),
        ("/a%2Fb/c/first.jpg", b"../next.jpg", "/a%2Fb/next.jpg"),
        ("/first.jpg?x=1", b"?x=%20a b+c", "/first.jpg?x=%20a%20b+c"),
        ("/first", b"/gr\xfcn.jpg", "/gr%FCn.jpg"),
        ("/first", "/grün.jpg".encode(), "/gr%C3%BCn.jpg"),
        ("/first", b"/%zz|(1).jpg;a=b?c=d%2Be", "/%zz|(1).jpg;a=b?c=d%2Be"),
        ("/first", b'/{a}"b"^`<c>.jpg', "/%7Ba%7D%22b%22%5E%60%3Cc%3E.jpg"),
        ("/first", b"\\pictures\\1.jpg", "/pictures/1.jpg"),
    ],
)
async def test_a_redirect_leads_where_it_leads_a_browser(path: str, location: bytes, leads_to: str) -> None:
    async with paths(lambda to: redirect(location) if to == path else GOOD) as server, fetcher() as using:
        assert await fetch(using, f"http://127.0.0.1:{server.port}{path}") == BODY
        assert server.requests[-1].split()[1].decode() == leads_to


async def test_what_a_host_that_is_away_answered_before_is_asked_of_it_alone() -> None:
    """R09: where a redirect leads nobody has seen it."""
    async with raw_server(says(GOOD)) as target, fetcher() as using:
        answer = {"/moved": redirect(str(target.url() / "there"))}
        async with paths(lambda path: answer.get(path, GOOD)) as server:
            told = Told(host_away_seconds=60.0, host_answered_url=str(server.url() / "known"))
            async with using.fetched(str(server.url() / "moved"), told) as got:
                assert got == BODY
            asked = [request.split()[1] for request in (*server.requests, *target.requests)]
    assert asked == [b"/known", b"/moved", b"/there"]


async def test_a_redirect_in_a_circle_ends() -> None:
    async with raw_server(says(redirect("/"))) as server, fetcher() as using:
        assert await code_of(using, server.url()) == "too_many_redirects"
    assert server.connections <= 4


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "http://user:pw@127.0.0.1/", "http://", "http://h:99999/", ""],
)
async def test_a_redirect_to_what_is_no_plain_web_url_is_not_followed(location: str) -> None:
    """R20"""
    async with raw_server(says(redirect(location))) as server, fetcher() as using:
        assert await code_of(using, server.url()) in {"http_302", "too_many_redirects"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1", "0"])
async def test_nothing_private_is_reached_without_permission(host: str) -> None:
    """R20: the canary counts zero connections."""
    async with raw_server(says(GOOD)) as canary, fetcher(allow=[]) as using:
        assert await code_of(using, canary.url(host)) in {"blocked_address", "dns_failed"}
    assert canary.connections == 0


async def test_a_redirect_to_a_blocked_address_is_blocked() -> None:
    """R20: only 127.0.0.1 may be called, and it sends us to 127.0.0.2."""
    async with raw_server(says(GOOD)) as canary:
        allow = [ipaddress.ip_network("127.0.0.1/32")]
        answer = says(redirect(f"http://127.0.0.2:{canary.port}/"))
        async with raw_server(answer) as server, fetcher(allow) as using:
            assert await code_of(using, server.url()) == "blocked_address"
    assert canary.connections == 0


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (201, "http_201"),
        (204, "http_204"),
        (206, "http_206"),
        (304, "http_304"),
        (404, "http_404"),
        (500, "http_500"),
        (0, "http_000"),
        (99, "http_099"),
        (999, "http_999"),
    ],
)
async def test_any_final_status_but_200_is_told(status: int, code: str) -> None:
    """R19: also one that HTTP does not have."""
    answer = f"HTTP/1.1 {status:03} X\r\nContent-Length: 0\r\n\r\n".encode()
    async with raw_server(says(answer)) as server, fetcher() as using:
        assert await code_of(using, server.url()) == code


@pytest.mark.parametrize(("header", "seconds"), [("120", 120.0), ("Sun, 01 Nov 2026 00:02:00 GMT", 120.0)])
async def test_retry_after_is_passed_on(header: str, seconds: float) -> None:
    answer = f"HTTP/1.1 429 Slow down\r\nRetry-After: {header}\r\nContent-Length: 0\r\n\r\n".encode()
    async with raw_server(says(answer)) as server, fetcher() as using:
        got = await fetch(using, server.url())
    assert got == NotNow(retry_after_seconds=seconds, code=http_code(429), was_refused=True)


ENDLESS = b"HTTP/1.1 200 OK\r\n\r\n"
LARGE = b"HTTP/1.1 200 OK\r\nContent-Length: 3000001\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
EMPTY_GZIP = gzip.compress(b"", mtime=0)[:10]  # its head
BAD_HOSTS: dict[str, tuple[Behaviour, str]] = {
    "endless body": (repeats(ENDLESS, bytes(65_536), 0), "too_large"),
    "endless chunks": (repeats(CHUNKED, b"10000\r\n" + bytes(65_536) + b"\r\n", 0), "too_large"),
    "too much declared": (says(LARGE), "too_large"),
    "too much declared, behind zeros": (says(LARGE.replace(b"h: ", b"h: " + b"0" * 4_301)), "too_large"),
    "a drip of a body": (repeats(ENDLESS, b"x", 0.05), "too_slow"),
    "a drip of a head": (repeats(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n", 0.05), "timed_out"),
    "silence": (repeats(b"", b"", 0.1), "timed_out"),
    "a reset in mid-body": (resets, "connection_lost"),
    "a short body": (says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), "connection_lost"),
    "a 204 with a body": (says(b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nOK"), "http_204"),
    "a 204 with a body, hinted early": (says(EARLY + b"HTTP/1.1 204 No Content\r\n\r\nOK"), "http_204"),
    "two lengths": (
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nOK"),
        "connection_lost",
    ),
    "broken chunks": (says(CHUNKED + b"no length\r\n"), "connection_lost"),
    "no HTTP": (says(b"SSH-2.0-OpenSSH\r\n\r\n"), "connection_lost"),
    "a gzip that never holds anything": (
        repeats(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + EMPTY_GZIP, b"\0\0\0\xff\xff", 0.05),
        "too_slow",
    ),
    "a redirect loop": (says(redirect("/")), "too_many_redirects"),
    "a redirect to nowhere": (says(redirect("http://[")), "http_302"),
}


@pytest.mark.parametrize("name", BAD_HOSTS)
async def test_a_bad_host_is_a_failure_with_its_code(name: str) -> None:
    """R09, R19"""
    behaviour, code = BAD_HOSTS[name]
    # Who is too slow is never silent, though this process may be for a moment.
    timeouts = QUICK if code == "timed_out" else PATIENT
    using = fetcher(limits=IMPATIENT if code in {"too_slow", "timed_out"} else LIMITS, timeouts=timeouts)
    async with raw_server(behaviour) as server, using as opened, asyncio.timeout(DEADLINE_SECONDS):
        assert await code_of(opened, server.url()) == code


def gzipped(*parts: bytes, name: str = "gzip") -> Behaviour:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {name}\r\nContent-Length: {sum(map(len, parts))}\r\n\r\n"
    return says(head.encode(), *parts)


PACKED = gzip.compress(BODY, mtime=0)
IN_GZIP = {
    "a gzip": gzipped(PACKED),
    "a gzip by its older name": gzipped(PACKED, name="X-GZip"),
    "a gzip that a program put there in chunks": gzipped(PACKED, name="GZIP, aws-chunked"),
    "a gzip with something behind it": gzipped(PACKED, bytes(9_000)),
    "no gzip": gzipped(BODY),
    "deflate": gzipped(zlib.compress(BODY), name="deflate"),
    "deflate at its least": gzipped(zlib.compress(BODY, 1), name="Deflate"),
    "a gzip by the name of deflate": gzipped(PACKED, name="deflate"),
    "no deflate": gzipped(BODY, name="deflate"),
}


@pytest.mark.parametrize("name", IN_GZIP)
async def test_an_image_that_its_host_keeps_packed_arrives_unpacked(name: str) -> None:
    """R09: a bucket asks nobody how he would like it; every browser shows such an image."""
    async with raw_server(IN_GZIP[name]) as server, fetcher() as using:
        assert await fetch(using, server.url()) == BODY


async def test_a_gzip_that_comes_byte_by_byte_arrives_whole() -> None:
    async def behaviour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
        for byte in PACKED:
            writer.write(bytes([byte]))
            await writer.drain()

    async with raw_server(behaviour) as server, fetcher() as using:
        assert await fetch(using, server.url()) == BODY


@pytest.mark.parametrize(
    "packed",
    [PACKED[:-9], PACKED[:5], PACKED[:20] + b"\xff" * 40],
    ids=["without its end", "half a head", "garbled"],
)
async def test_a_gzip_that_is_broken_is_a_garbled_answer(packed: bytes) -> None:
    """R19"""
    async with raw_server(gzipped(packed)) as server, fetcher() as using:
        assert await code_of(using, server.url()) == "connection_lost"


async def test_a_gzip_bomb_is_too_large_and_takes_no_more_memory_than_the_limit() -> None:
    """R20"""
    bomb = gzip.compress(bytes(200_000_000), compresslevel=1)
    async with raw_server(gzipped(bomb)) as server, fetcher() as using:
        with traced_memory() as memory:
            assert await code_of(using, server.url()) == "too_large"
    assert memory.most_bytes < 2 * LIMITS.max_bytes


@pytest.mark.parametrize("answer", [says(LARGE), gzipped(gzip.compress(bytes(3_000_001)))])
async def test_of_what_is_too_large_the_limit_is_told(answer: Behaviour) -> None:
    """R19: nobody but the operator knows MAX_IMAGE_BYTES."""
    async with raw_server(answer) as server, fetcher() as using:
        got = await fetch(using, server.url())
    assert isinstance(got, Failure)
    assert hint_of(got.code, got.detail).endswith(f": it has more than {LIMITS.max_bytes:,} bytes.")


async def test_packed_bodies_that_unpack_to_large_ones_take_turns() -> None:
    """R20: a few kilobytes each, and they would fill the memory together."""
    large = bytes(2_000_000)
    limits = FetchLimits(max_bytes=3_000_000, large_bodies=1)
    async with raw_server(gzipped(gzip.compress(large))) as server, fetcher(limits=limits) as using:
        async with using.fetched(str(server.url())) as first:
            assert first == large
            second = asyncio.create_task(fetch(using, server.url()))
            await until(lambda: using.is_behind)
        assert await second == large


async def test_bad_hosts_cost_only_themselves() -> None:
    async with (
        raw_server(says(GOOD)) as good,
        raw_server(BAD_HOSTS["a drip of a body"][0]) as drip,
        raw_server(BAD_HOSTS["endless body"][0]) as endless,
        fetcher() as using,
        asyncio.TaskGroup() as group,
    ):
        bad = [group.create_task(fetch(using, server.url())) for server in (drip, endless) for _ in range(12)]
        results = await asyncio.gather(*(fetch(using, good.url()) for _ in range(24)))
        assert results == [BODY] * 24
        assert not all(task.done() for task in bad)
        for task in bad:
            task.cancel()


class WatchedPatience(Patience):
    """Tells whether its time runs."""

    runs = False

    def pause(self) -> None:
        super().pause()
        self.runs = False

    def go_on(self) -> None:
        super().go_on()
        self.runs = True


async def test_large_bodies_take_turns_which_does_not_count_against_their_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began: list[WatchedPatience] = []

    def patience(*arguments: Any) -> Patience:
        began.append(WatchedPatience(*arguments))
        return began[-1]

    monkeypatch.setattr("services.processor.fetching.fetcher.Patience", patience)
    large = bytes(2_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(large)}\r\n\r\n".encode()
    limits = FetchLimits(max_bytes=3_000_000, total_seconds=DEADLINE_SECONDS, large_bodies=1)
    async with raw_server(says(head, large)) as server, fetcher(limits=limits) as using:
        async with using.fetched(str(server.url())) as first:
            assert first == large
            second = asyncio.create_task(fetch(using, server.url()))
            await until(lambda: using.is_behind)
            assert not began[-1].runs
        assert await second == large
        assert not using.is_behind


@asynccontextmanager
async def watched_loop() -> AsyncIterator[LoopLag]:
    lag, stopping = LoopLag(), asyncio.Event()
    watching = asyncio.create_task(watch_event_loop(stopping, lag))
    yield lag
    stopping.set()
    await watching


@pytest.mark.parametrize("sent", [b"", GOOD[:-1]])
async def test_a_host_is_not_judged_while_our_own_loop_stood_still(sent: bytes) -> None:
    """R29: it is in the middle of its answer while we are away for longer than any time-out."""
    blocks = True

    async def behaviour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await asyncio.sleep(0.1)
        if blocks:
            time.sleep(2)  # noqa: ASYNC251 - this is what is to be survived
            await asyncio.sleep(0.1)
        writer.write(GOOD[len(sent) :])
        await writer.drain()

    async with (
        raw_server(behaviour) as server,
        watched_loop() as lag,
        fetcher(limits=IMPATIENT, timeouts=QUICK, late_seconds=lag.late_seconds) as using,
    ):
        with pytest.raises(NoVerdict, match="while we were late ourselves"):
            await fetch(using, server.url())
    blocks = False
    async with raw_server(behaviour) as server, fetcher() as using:
        assert await fetch(using, server.url()) == BODY


async def test_a_host_that_gave_up_while_its_body_waited_for_our_memory_is_not_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R29"""
    monkeypatch.setattr(our_time, "LEAST_SHARE", 0)  # on a slow machine the rest of the visit is long
    large = bytes(2_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(large)}\r\n\r\n".encode()
    limits = FetchLimits(max_bytes=3_000_000, large_bodies=1)
    async with (
        raw_server(says(head, large)) as good,
        raw_server(says(head, large[:-1])) as gives_up,
        fetcher(limits=limits) as using,
    ):
        async with using.fetched(str(good.url())):
            waiting = asyncio.create_task(fetch(using, gives_up.url()))
            await until(lambda: using.is_behind)
            await asyncio.sleep(2 * LEAST_SECONDS)
        with pytest.raises(NoVerdict):
            await waiting
        assert await code_of(using, gives_up.url()) == "connection_lost"


@pytest.mark.parametrize("url", ["http://h:99999/", "http://[/", "gopher://h/", "http://"])
async def test_a_url_that_cannot_be_read_is_a_failure(url: str) -> None:
    async with fetcher() as using:
        assert await code_of(using, url) == "dns_failed"
