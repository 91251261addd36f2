"""What the environment says of the way to a server: proxies and certificates, as curl reads them. It knows no
path of the API.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from pixmill.errors import PixmillError


def is_here(url: str) -> bool:
    """Whether it is an address of this machine, at which no proxy can be of help."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def may_take_proxy(url: str) -> bool:
    """As `trust_env` of httpx, which reads all proxies of the environment and fails at one that it cannot
    take, whomever it is for. Certificates are read apart from it.
    """
    return not is_here(url)


def proxy_to(url: str) -> str | None:
    """The proxy between here and there, without its password."""
    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or is_here(url) or proxy_bypass(parts.hostname or ""):
        return None
    return proxy.rsplit("@", 1)[-1]


@contextmanager
def read_environment() -> Iterator[None]:
    """What httpx raises where it reads it, as one sentence."""
    try:
        yield
    except OSError as error:  # ssl.SSLError is one
        reason = error.reason if isinstance(error, ssl.SSLError) else error.strerror
        raise PixmillError(f"The certificates that SSL_CERT_FILE names cannot be read: {reason}.") from error
    except ImportError as error:
        raise PixmillError(
            "The environment names a SOCKS proxy (ALL_PROXY or one like it), for which Python's package "
            "`socksio` is missing: install it where `pixmill` is."
        ) from error
    except (ValueError, httpx.InvalidURL) as error:
        raise PixmillError(f"The environment names a proxy that can be none: {error}.") from error
