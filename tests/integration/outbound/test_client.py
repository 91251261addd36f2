"""The guarded client against a real server on loopback, and against hosts that misbehave on purpose."""

import asyncio
import gzip
import ipaddress
import os
import resource
import socket
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from shared.outbound.answer import HEAD_BYTES, MAX_INTERIM_ANSWERS
from shared.outbound.client import (
    RESERVED_DESCRIPTORS,
    GuardedClient,
    NetCode,
    Timeouts,
    Unreachable,
)
from shared.outbound.web_urls import parse_url
from shared.outcomes import Away
from tests.worlds.hosts.patient_client import PATIENT, patient_client
from tests.worlds.hosts.raw_server import Behaviour, raw_server, repeats, resets, says
from tests.worlds.patience import DEADLINE_SECONDS

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
EARLY = b"HTTP/1.1 103 Early Hints\r\n\r\n"
QUICK = Timeouts(connect_seconds=0.3, head_seconds=0.5, silence_seconds=0.5)


async def get(client: GuardedClient, url: URL) -> tuple[int, bytes]:
    async with client.request("GET", url) as answer:
        return answer.status, b"".join([chunk async for chunk in answer.chunks()])


async def code_of(client: GuardedClient, url: URL) -> NetCode:
    with pytest.raises(Unreachable) as raised:
        await get(client, url)
    return raised.value.code


async def test_an_answer_arrives_with_status_headers_and_body() -> None:
    async with (
        raw_server(says(b"HTTP/1.1 404 No\r\nRetry-After: 1\r\nContent-Length: 3\r\n\r\nabc")) as server,
        patient_client(LOOPBACK) as client,
        client.request("GET", server.url()) as answer,
    ):
        assert (answer.status, answer.headers["retry-AFTER"]) == (404, "1")
        assert [chunk async for chunk in answer.chunks()] == [b"abc"]


async def test_an_answer_may_be_announced_a_hundred_times_over_a_connection_that_is_kept() -> None:
    """Early hints, as large content networks send them; each answer counts its own."""
    whole = EARLY * MAX_INTERIM_ANSWERS + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(whole)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(whole)
        await writer.drain()

    async with raw_server(behaviour) as server, patient_client(LOOPBACK) as client:
        assert [await get(client, server.url()) for _ in range(2)] == [(200, b"ok")] * 2
    assert server.connections == 1


async def test_what_comes_between_two_answers_belongs_to_none() -> None:
    """An empty line, and the begin of a head, over a connection that would be kept."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for behind in (b"\r\n", b"HTTP/1", b""):
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n" + behind)
            await reader.readuntil(b"\r\n\r\n")

    async with raw_server(behaviour) as server, patient_client(LOOPBACK) as client:
        assert [await get(client, server.url()) for _ in range(3)] == [(204, b"")] * 3
    assert server.connections == 2


def resting(client: GuardedClient) -> Any:
    """Its one connection that is kept."""
    kept: Any = client._session.connector
    ((connection, _),) = [each for connections in kept._conns.values() for each in connections]
    return connection


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers each request with its number on this connection."""
    for number in range(3):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % number)
        await reader.readuntil(b"\r\n\r\n")


@pytest.mark.parametrize(
    "unasked",
    [
        b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold",
        b"HTTP/1.1 20",
        b"\r\nno head",
    ],
)
async def test_what_comes_while_a_connection_rests_is_no_answer_to_the_next_request(unasked: bytes) -> None:
    """Each image after it would have been the one before."""
    async with raw_server(echo) as server, patient_client(LOOPBACK) as client:
        assert await get(client, server.url()) == (200, b"0")
        resting(client).data_received(unasked)
        assert [await get(client, server.url()) for _ in range(2)] == [(200, b"0"), (200, b"1")]
    assert server.connections == 2


async def test_an_empty_line_behind_a_body_ends_no_connection_and_starts_no_clock() -> None:
    async with raw_server(echo) as server, patient_client(LOOPBACK) as client:
        assert await get(client, server.url()) == (200, b"0")
        resting(client).data_received(b"\r\n")
        assert resting(client)._read_timeout_handle is None
        assert await get(client, server.url()) == (200, b"1")
    assert server.connections == 1


@pytest.mark.parametrize("body_bytes", [0, 2, 60_000, 1_000_000])
async def test_a_connection_between_two_answers_may_rest_for_longer_than_a_host_may_be_silent(
    body_bytes: int,
) -> None:
    """A clock that ran on made the first image after ten seconds fail at once, as `timed_out`."""
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % body_bytes + b"x" * body_bytes
    async with raw_server(says(whole)) as server, patient_client(LOOPBACK) as client:
        assert await get(client, server.url()) == (200, b"x" * body_bytes)
        assert resting(client)._read_timeout_handle is None


async def test_a_body_is_posted_unchanged_with_the_callers_headers() -> None:
    received: list[bytes] = []

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readexactly(4))
        await says(b"HTTP/1.1 204 No\r\n\r\n")(reader, writer)

    async with (
        raw_server(behaviour) as server,
        patient_client(LOOPBACK, keep_alive=False) as client,
        client.request("POST", server.url(), headers={"webhook-id": "7"}, body=b"\x00\xff{}") as answer,
    ):
        assert answer.status == 204
    assert received == [b"\x00\xff{}"]
    assert b"webhook-id: 7\r\n" in server.requests[0]


async def test_the_request_asks_for_identity_and_carries_no_cookie_back() -> None:
    async with (
        raw_server(says(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")) as server,
        patient_client(LOOPBACK) as client,
    ):
        await get(client, server.url())
        await get(client, server.url())
    assert b"Accept-Encoding: identity" in server.requests[1]
    assert b"Cookie" not in server.requests[1]


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with (
        raw_server(says(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")) as server,
        patient_client(LOOPBACK) as client,
    ):
        assert await get(client, server.url()) == (302, b"")
    assert server.connections == 1


async def test_compressed_content_stays_compressed() -> None:
    bomb = gzip.compress(bytes(10_000_000))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    async with raw_server(says(head.encode(), bomb)) as server, patient_client(LOOPBACK) as client:
        assert await get(client, server.url()) == (200, bomb)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "localhost", "LOCALHOST."),
        *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::1]", "[::]", "[::127.0.0.1]"),
        *("0.0.0.0", "[64:ff9b::7f00:1]", "127.0.0.1.", "①②⑦.0.0.1"),
    ],
)
async def test_no_spelling_of_loopback_gets_through_the_guard(host: str) -> None:
    """R20: the canary counts zero connections."""
    async with raw_server(says(b"HTTP/1.1 200 OK\r\n\r\n")) as canary, patient_client([]) as client:
        with pytest.raises(Unreachable) as raised:
            await get(client, canary.url(host))
    assert raised.value.code in {NetCode.BLOCKED_ADDRESS, NetCode.DNS_FAILED}
    assert canary.connections == 0


async def test_a_blocked_address_is_told_apart() -> None:
    async with patient_client([]) as client:
        assert await code_of(client, URL("http://127.0.0.1:9/")) is NetCode.BLOCKED_ADDRESS
        assert await code_of(client, URL("http://169.254.169.254/")) is NetCode.BLOCKED_ADDRESS
        assert await code_of(client, URL("http://2130706433/")) is NetCode.BLOCKED_ADDRESS
        assert await code_of(client, URL("http://localhost:9/")) is NetCode.BLOCKED_ADDRESS


class FixedResolver(AbstractResolver):
    """A name server in the attacker's hand: its answers come in turn."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = self.answers.pop(0)
        if not addresses:
            await asyncio.Event().wait()
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        pass


async def test_a_name_that_resolves_to_several_blocked_addresses_is_blocked() -> None:
    resolver = FixedResolver(["127.0.0.1", "::1", "10.0.0.1"])
    async with raw_server(says(b"")) as canary, patient_client([], resolver=resolver) as client:
        assert await code_of(client, canary.url("inside.example")) is NetCode.BLOCKED_ADDRESS
    assert canary.connections == 0


async def test_a_blocked_address_beside_a_good_one_is_skipped() -> None:
    resolver = FixedResolver(["::1", "127.0.0.1"])
    answer = says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    async with raw_server(answer) as server, patient_client(LOOPBACK, resolver=resolver) as client:
        assert await get(client, server.url("both.example")) == (200, b"ok")


async def test_a_resolver_that_hangs_is_given_up() -> None:
    async with patient_client(LOOPBACK, resolver=FixedResolver([]), timeouts=QUICK) as client:
        assert await code_of(client, URL("http://slow.example/")) is NetCode.TIMED_OUT


async def test_a_name_that_does_not_exist_is_a_dns_failure() -> None:
    async with patient_client(LOOPBACK) as client:
        assert await code_of(client, URL("http://no-such-name.invalid/")) is NetCode.DNS_FAILED
        assert await code_of(client, URL(f"http://{'a' * 70}.example/")) is NetCode.DNS_FAILED


async def test_a_closed_port_is_a_failed_connection() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        async with patient_client(LOOPBACK) as client:
            url = URL(f"http://127.0.0.1:{free.getsockname()[1]}/")
            assert await code_of(client, url) is NetCode.CONNECT_FAILED


async def test_a_server_without_tls_behind_an_https_url_is_a_tls_failure() -> None:
    async with (
        raw_server(says(b"HTTP/1.1 400 Bad\r\n\r\n"), hears=b"\x16") as server,
        patient_client(LOOPBACK) as client,
    ):
        url = server.url().with_scheme("https")
        assert await code_of(client, url) is NetCode.TLS_FAILED


OK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (says(b""), NetCode.CONNECTION_LOST),
        (says(b"hello\r\n\r\n"), NetCode.CONNECTION_LOST),
        (says(OK_HEAD, b"short"), NetCode.CONNECTION_LOST),
        (resets, NetCode.CONNECTION_LOST),
        (says(CHUNKED, b"zzz\r\nnot a chunk\r\n"), NetCode.CONNECTION_LOST),
        (says(CHUNKED, b"5\r\nhal"), NetCode.CONNECTION_LOST),
        (says(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1_000_000), NetCode.CONNECTION_LOST),
        (says(b"HTTP/1.1 200 OK\r\nX: " + b"a" * HEAD_BYTES + b"\r\n\r\n"), NetCode.CONNECTION_LOST),
        (repeats(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n" * 10_000, 0), NetCode.CONNECTION_LOST),
        (repeats(CHUNKED + b"0\r\n", b"X: a\r\n" * 1000, 0), NetCode.CONNECTION_LOST),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n"), NetCode.CONNECTION_LOST),
        (repeats(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n", 0.05), NetCode.TIMED_OUT),
        (repeats(b"", b"", 0.1), NetCode.TIMED_OUT),
        (repeats(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.1), NetCode.TIMED_OUT),
        (repeats(b"", EARLY * 1000, 0), NetCode.CONNECTION_LOST),
        (says(*[EARLY] * (MAX_INTERIM_ANSWERS + 1), OK_HEAD), NetCode.CONNECTION_LOST),
        (repeats(OK_HEAD, b"", 0.1), NetCode.TIMED_OUT),
    ],
)
async def test_a_host_that_misbehaves_is_a_typed_failure(behaviour: Behaviour, code: NetCode) -> None:
    """R19"""
    timeouts = QUICK if code is NetCode.TIMED_OUT else PATIENT
    async with raw_server(behaviour) as server, patient_client(LOOPBACK, timeouts=timeouts) as client:
        async with asyncio.timeout(DEADLINE_SECONDS):
            assert await code_of(client, server.url()) is code


async def test_a_proxy_of_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    async with raw_server(says(b"")) as proxy:
        monkeypatch.setenv("http_proxy", str(proxy.url()))
        answer = says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        async with raw_server(answer) as server, patient_client(LOOPBACK) as client:
            assert (await get(client, server.url()))[0] == 200
        assert proxy.connections == 0


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "http://user@127.0.0.1/", "http:///x", "file:///etc/passwd"]
)
async def test_what_is_no_plain_web_url_is_never_tried(url: str) -> None:
    async with patient_client(LOOPBACK) as client:
        assert await code_of(client, URL(url)) is NetCode.DNS_FAILED


async def test_a_signed_url_goes_out_as_it_was_written() -> None:
    async with (
        raw_server(says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as server,
        patient_client(LOOPBACK) as client,
    ):
        await get(client, parse_url(f"http://127.0.0.1:{server.port}/a%2Fb%7e?sig=%2b+a&x=1#part"))
    assert server.requests[0].startswith(b"GET /a%2Fb%7e?sig=%2b+a&x=1 HTTP/1.1\r\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_process_without_a_file_descriptor_left_blames_no_host(host: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with raw_server(says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as server:
        async with patient_client(LOOPBACK, keep_alive=False) as client:
            assert await get(client, server.url(host)) == (200, b"ok")
        async with patient_client(LOOPBACK) as client:  # which remembers no name
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            try:
                with pytest.raises(Away):
                    await get(client, server.url(host))
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert await get(client, server.url(host)) == (200, b"ok")


async def test_hosts_leave_descriptors_to_the_rest_of_the_process() -> None:
    """Under `ulimit -n 40` they took all of a processor's: it stored nothing and lost its broker."""

    async def holds(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        await reader.read()

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with raw_server(holds) as server, patient_client(LOOPBACK) as client, AsyncExitStack() as held:
        most = highest_descriptor() + 40
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        try:
            with pytest.raises(Away):
                await hold_all(client, server.url(), held)
            assert next_descriptor() < most - RESERVED_DESCRIPTORS // 8
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def hold_all(client: GuardedClient, url: URL, held: AsyncExitStack) -> None:
    while True:
        await held.enter_async_context(client.request("GET", url))


def highest_descriptor() -> int:
    return max(int(each.name) for each in Path("/proc/self/fd").iterdir())


def next_descriptor() -> int:
    with Path(os.devnull).open("rb") as file:
        return file.fileno()
