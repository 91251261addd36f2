"""Addresses of the API (pure)."""

import re
from urllib.parse import quote, urlsplit

REQUESTS = "/v1/requests"
FILES = "/v1/files/"
_IN_NO_HOST = re.compile(r"""[\s\\<>"{}|^`%\x00-\x1f\x7f-\x9f]""")
_ALL_BEFORE_THE_LAST_AT = re.compile(r"^([a-z][a-z0-9+.-]*://)?.*@", re.IGNORECASE | re.DOTALL)


def is_address(url: str) -> bool:
    """Whether it may be a server's."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port  # ValueError for a port that is none
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and port != 0 and _may_be_a_host(host)


def _may_be_a_host(text: str) -> bool:
    """Of an IPv6 address `urlsplit` has judged; it may name its zone behind a percent sign."""
    return ":" in text or (bool(text) and not _IN_NO_HOST.search(text))


def without_password(url: str) -> str:
    """As it may be shown: who has to log in at a gateway gives his name and password in the address. In one
    that is none, as for a sign in the password, all before the last @ may be of it.
    """
    if not is_address(url):
        return _ALL_BEFORE_THE_LAST_AT.sub(r"\1", url)
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else url


def request_path(request_id: str, part: str = "") -> str:
    """Whatever somebody gives as an id stays one segment of the path."""
    segment = quote(request_id.strip(), safe="")
    if segment in (".", ".."):  # which would lead elsewhere
        segment = segment.replace(".", "%2E")
    return f"{REQUESTS}/{segment}{part}"


def file_url(link: str) -> str:
    """A link to a file of the server, by the address at which we call it; a link into a bucket as it is."""
    _, _, path = urlsplit(link).path.partition(FILES)
    return FILES + path if path else link
