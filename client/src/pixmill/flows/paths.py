"""Addresses of the API (pure)."""

from urllib.parse import quote, urlsplit

REQUESTS = "/v1/requests"
FILES = "/v1/files/"


def is_address(url: str) -> bool:
    """Whether it may be a server's."""
    try:
        parts = urlsplit(url)
        port_is_possible = parts.port != 0  # ValueError for one that is none
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port_is_possible


def request_path(request_id: str, part: str = "") -> str:
    """Whatever somebody gives as an id stays one segment of the path."""
    return f"{REQUESTS}/{quote(request_id.strip(), safe='')}{part}"


def file_url(link: str) -> str:
    """A link to a file of the server, by the address at which we call it; a link into a bucket as it is."""
    _, _, path = urlsplit(link).path.partition(FILES)
    return FILES + path if path else link
