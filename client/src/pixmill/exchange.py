"""Calls as httpx has them, and its errors as ours: what both shells share."""

import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from pixmill import __version__
from pixmill.environment import proxy_to
from pixmill.errors import PixmillError, UnreachableError
from pixmill.flows.api_keys import usable_key
from pixmill.flows.effects import Answer, Call, Pause
from pixmill.flows.paths import is_address, without_password
from pixmill.patience import Patience

OnPause = Callable[[Exception, float], object]
MOST_WAITS = 200  # of one client at a time, each with a connection for as long as its request lasts
USER_AGENT = f"pixmill-python/{__version__}"
# What a call raises, whatever stands in the address and whatever comes from there. ValueError: of h11's older
# versions, for a length that has too many digits.
FAILURES = (httpx.HTTPError, httpx.InvalidURL, ValueError)
_REASONS: Sequence[tuple[type[Exception], str]] = (
    (httpx.ConnectTimeout, "nothing answers there within the time-out"),
    (httpx.TimeoutException, "no answer within the time-out"),
    (ssl.SSLError, "what answers there speaks no TLS that is understood"),
    (socket.gaierror, "nobody knows its name"),
    (ConnectionRefusedError, "nothing listens there"),
)


@dataclass(frozen=True)
class Address:
    """Which server, with which key, and how patiently."""

    url: str
    api_key: str | None
    patience: Patience
    connections: int
    on_pause: "OnPause | None" = None

    def __post_init__(self) -> None:
        if not isinstance(self.url, str):  # as of an environment variable that is not set
            kind = type(self.url).__name__
            raise TypeError(f"A server's address is text, as https://pixmill.example, and no {kind}.")
        if not is_address(self.url):
            raise ValueError(f"{self.shown!r} is no address of a server; one is as https://pixmill.example.")
        object.__setattr__(self, "api_key", usable_key(self.api_key))

    @property
    def shown(self) -> str:
        return without_password(self.url)

    def pauses(self, pause: Pause) -> None:
        if self.on_pause:
            self.on_pause(pause.because, pause.seconds)

    def limits(self) -> httpx.Limits:
        return httpx.Limits(max_connections=self.connections, max_keepalive_connections=self.connections)

    def limits_of_waits(self) -> httpx.Limits:
        return httpx.Limits(max_connections=MOST_WAITS, max_keepalive_connections=self.connections)

    def whole(self, url: str) -> str:
        """A path below the server's address, which may have a path itself; a whole address as it is."""
        return urljoin(self.url.rstrip("/") + "/", url.lstrip("/")) if url.startswith("/") else url

    def is_ours(self, url: str) -> bool:
        """The key goes nowhere else."""
        ours, theirs = urlsplit(self.url), urlsplit(url)
        return (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)


def request_of(
    call: Call, address: Address, content: Iterator[bytes] | AsyncIterator[bytes] | None
) -> httpx.Request:
    url = address.whole(call.url)
    patience = address.patience
    timeout = httpx.Timeout(call.read_seconds or patience.read_seconds, connect=patience.connect_seconds)
    headers = {"user-agent": USER_AGENT, "accept": "application/json"} | dict(call.headers)
    if address.api_key and address.is_ours(url):
        headers["x-api-key"] = address.api_key
    if call.body is not None:
        headers |= {"content-type": call.body.content_type, "content-length": str(call.body.length)}
    return httpx.Request(
        call.method,
        url,
        headers=httpx.Headers(headers, encoding="utf-8"),  # a key of other letters is the server's to refuse
        params=call.params or None,
        content=content,
        extensions={"timeout": timeout.as_dict()},
    )


def answer_of(response: httpx.Response, body: bytes) -> Answer:
    return Answer(
        response.status_code, {name.lower(): value for name, value in response.headers.items()}, body
    )


@contextmanager
def unreachable(address: Address, http: httpx.Client | httpx.AsyncClient) -> Iterator[None]:
    """What httpx raises, as one sentence about the server."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise _not_connected(error, address) from error
    except httpx.PoolTimeout as error:
        sentence = f"All connections of this client to {address.shown} are in use, and none became free."
        raise UnreachableError(sentence, may_have_arrived=False) from error
    except httpx.TimeoutException as error:
        raise UnreachableError(f"{address.shown} stays silent: no answer within the time-out.") from error
    except httpx.TransportError as error:
        raise UnreachableError(f"The connection to {address.shown} broke: {reason_of(error)}.") from error
    except (httpx.InvalidURL, UnicodeError) as error:  # UnicodeError: of a host that no name can be
        raise PixmillError(f"{address.shown} is no address of a server: {reason_of(error)}.") from error
    except httpx.HTTPError as error:
        raise PixmillError(
            f"{address.shown} answers no HTTP that can be read: {reason_of(error)}."
        ) from error
    except RuntimeError as error:
        if not http.is_closed:
            raise
        raise PixmillError("This client is closed: nothing more can be asked by it.") from error


def reason_of(error: Exception) -> str:
    """Why there is no connection, or no longer, in words that need no Python."""
    cause = _innermost(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({cause.verify_message})"
    for kind, words in _REASONS:
        if isinstance(error, kind) or isinstance(cause, kind):
            return words
    text = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return text.rstrip(".")


def _not_connected(error: Exception, address: Address) -> UnreachableError:
    url = address.shown
    if proxy := proxy_to(url):
        way = f"{url} through the proxy {proxy} of the environment"
        return UnreachableError(f"Cannot connect to {way}: {reason_of(error)}.", may_have_arrived=False)
    if isinstance(_innermost(error), ConnectionRefusedError):
        return UnreachableError(f"Nothing listens at {url}.", may_have_arrived=False, nothing_listens_at=url)
    return UnreachableError(f"Cannot connect to {url}: {reason_of(error)}.", may_have_arrived=False)


def _innermost(error: BaseException) -> BaseException:
    """The cause of the cause; of several that were tried at once, the first."""
    group: Sequence[BaseException] = getattr(error, "exceptions", ())
    inner = group[0] if group else error.__cause__ or error.__context__
    return error if inner is None else _innermost(inner)
