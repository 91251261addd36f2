"""The guarded HTTP client: a service's only way out to the internet.

It checks the final address of every connection attempt, follows no redirect by itself, decompresses
nothing, keeps no cookies and knows no proxies. It knows nothing of images or webhooks.
"""

import asyncio
import errno
import os
import resource
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from socket import AF_INET, EAI_MEMORY, SOCK_DGRAM, SOCK_STREAM, socket

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.helpers import is_canonical_ipv4_address, is_ip_address
from yarl import URL

from shared.outbound.addresses import Networks, is_allowed, is_blocked
from shared.outbound.certificates import CertificateFault, certificate_fault
from shared.outbound.connection import connections
from shared.outbound.fair_connector import FairConnector
from shared.outbound.resolver import BoundedResolver
from shared.outbound.web_urls import is_web_url
from shared.outcomes import Away
from shared.patience import FairPatience

USER_AGENT = "Pixmill/1"
REQUEST_HEADERS = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
READ_BUFFER_BYTES = 256 * 1024
KEEP_ALIVE_SECONDS = 15
DNS_CACHE_SECONDS = 10
# Or a fifth of all, where that is less: for the broker, the store's files and whoever asks us something.
RESERVED_DESCRIPTORS = 32
_OF_OUR_OWN = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, EAI_MEMORY})


class NetCode(StrEnum):
    """Why there is no answer; each is also a failure code of shared/contract/codes.py."""

    BLOCKED_ADDRESS = "blocked_address"
    DNS_FAILED = "dns_failed"
    CONNECT_FAILED = "connect_failed"
    TLS_FAILED = "tls_failed"
    CONNECTION_LOST = "connection_lost"
    TIMED_OUT = "timed_out"


class Unreachable(Exception):  # noqa: N818 - a fact about the other side, not an error of ours
    """The other side gave no (whole) answer."""

    def __init__(self, code: NetCode, detail: str, certificate: CertificateFault | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.certificate = certificate


@dataclass(frozen=True, slots=True)
class Timeouts:
    connect_seconds: float = 5  # as `FairConnector` has it
    head_seconds: float = 10  # from the connection to the end of the answer's head
    silence_seconds: float = 10  # between two reads of the body


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An HTTP answer whose body is still on its way."""

    status: int
    headers: Mapping[str, str]  # looked up in any spelling
    _response: aiohttp.ClientResponse

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives; raises `Unreachable` when it breaks off."""
        try:
            async for chunk in self._response.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise unreachable(error) from error


class GuardedClient:
    """Sends requests. Made by `open_client`."""

    def __init__(
        self, session: aiohttp.ClientSession, timeouts: Timeouts, late_seconds: Callable[[], float]
    ) -> None:
        self._session = session
        self._timeouts = timeouts
        self._late_seconds = late_seconds
        self.loop = asyncio.get_running_loop()

    @asynccontextmanager
    async def request(
        self, method: str, url: URL, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> AsyncIterator[HttpAnswer]:
        """Yields the answer once its head is there; raises `Unreachable`, or `Away` where this process or
        machine has no socket left. An unread rest is dropped.
        """
        response = await self._head(method, url, headers or {}, body)
        try:
            yield HttpAnswer(response.status, response.headers, response)
        finally:
            response.release()  # an unread rest closes the connection, a read one keeps it

    async def _head(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> aiohttp.ClientResponse:
        if not is_web_url(url):
            raise Unreachable(NetCode.DNS_FAILED, "not an http or https URL with a host")
        if _is_legacy_ipv4(url.raw_host or ""):
            raise Unreachable(NetCode.BLOCKED_ADDRESS, "an IPv4 address in a legacy spelling")
        patience_seconds = 2 * self._timeouts.connect_seconds + self._timeouts.head_seconds
        try:
            with FairPatience(patience_seconds, self._late_seconds, self.loop):
                return await self._session.request(
                    method, url, headers=headers, data=body, allow_redirects=False
                )
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            if _is_our_own_lack(error):
                raise Away("network", error) from error
            raise unreachable(error) from error


@asynccontextmanager
async def open_client(
    allow: Networks,
    *,
    timeouts: Timeouts = Timeouts(),
    keep_alive: bool = True,
    resolver: AbstractResolver | None = None,
    tls: ssl.SSLContext | None = None,
    public: bool = True,
    late_seconds: Callable[[], float] = lambda: 0.0,
) -> AsyncIterator[GuardedClient]:
    """A client for public addresses and for those in `allow`; with `public=False` for the latter alone.
    `late_seconds` is how long our event loop stood still in all, for which no host is given up.
    """
    connector = FairConnector(
        connect_seconds=timeouts.connect_seconds,
        late_seconds=late_seconds,
        limit=0,  # callers bound what is in flight
        socket_factory=_guarded_sockets(allow, public=public),
        resolver=resolver or BoundedResolver(late_seconds=late_seconds),
        ttl_dns_cache=DNS_CACHE_SECONDS,
        **({"keepalive_timeout": KEEP_ALIVE_SECONDS} if keep_alive else {"force_close": True}),
        ssl=tls or True,
    )
    connector._factory = connections()  # noqa: SLF001 - no other way
    session = aiohttp.ClientSession(
        connector=connector,
        headers=REQUEST_HEADERS,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        read_bufsize=READ_BUFFER_BYTES,
        timeout=aiohttp.ClientTimeout(total=None, sock_read=timeouts.silence_seconds),
    )
    async with session:
        yield GuardedClient(session, timeouts, late_seconds)


class _BlockedError(OSError):
    """Names no address: aiohappyeyeballs keeps the type only where all attempts fail with the same text."""

    def __init__(self) -> None:
        super().__init__("the address is blocked")


def _guarded_sockets(allow: Networks, *, public: bool) -> aiohttp.SocketFactoryType:
    def guarded_socket(attempt: aiohttp.AddrInfoType) -> socket:
        family, _, protocol, _, (text, *_) = attempt
        address = ip_address(text)
        if is_blocked(address, allow) or not (public or is_allowed(address, allow)):
            raise _BlockedError
        return _within_our_share(socket(family, SOCK_STREAM, protocol))

    return guarded_socket


def _within_our_share(made: socket) -> socket:
    """The lowest free descriptor is taken, so its number tells how many are."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and made.fileno() >= most - min(RESERVED_DESCRIPTORS, most // 5):
        made.close()
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    return made


def _is_legacy_ipv4(host: str) -> bool:
    """2130706433, 127.1, 0177.0.0.1: spellings that only an attacker uses."""
    return is_ip_address(host) and ":" not in host and not is_canonical_ipv4_address(host)


def unreachable(error: Exception) -> Unreachable:
    """The one place that says what an exception of aiohttp, ssl or the system means."""
    detail = f"{type(error).__name__}: {error}"[:300]
    match error:
        case aiohttp.ClientConnectorDNSError() | aiohttp.InvalidURL():
            return Unreachable(NetCode.DNS_FAILED, detail)
        case aiohttp.ClientSSLError() | ssl.SSLError() | ssl.CertificateError():
            found = getattr(error, "certificate_error", error)  # aiohttp wraps what ssl says
            return Unreachable(NetCode.TLS_FAILED, detail, certificate_fault(found))
        case aiohttp.ClientConnectorError(os_error=_BlockedError()):
            return Unreachable(NetCode.BLOCKED_ADDRESS, detail)
        case aiohttp.ClientConnectorError():
            return Unreachable(NetCode.CONNECT_FAILED, detail)
        case TimeoutError():
            return Unreachable(NetCode.TIMED_OUT, detail)
        case _:
            return Unreachable(NetCode.CONNECTION_LOST, detail)


def _is_our_own_lack(error: Exception) -> bool:
    """Of sockets or memory. It says nothing of the host."""
    match error:
        case aiohttp.ClientConnectorError(os_error=reason) if reason.errno in _OF_OUR_OWN:
            return True
        case aiohttp.ClientConnectorDNSError():  # a lookup that could open none says only that it failed
            return not _may_open_a_socket()
        case _:
            return False


def _may_open_a_socket() -> bool:
    try:
        socket(AF_INET, SOCK_DGRAM).close()
    except OSError as error:
        return error.errno not in _OF_OUR_OWN
    return True
