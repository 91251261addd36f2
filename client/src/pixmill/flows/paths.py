"""Addresses of the API (pure)."""

from urllib.parse import quote, urlsplit

REQUESTS = "/v1/requests"
FILES = "/v1/files/"


def request_path(request_id: str, part: str = "") -> str:
    """Whatever somebody gives as an id stays one segment of the path."""
    return f"{REQUESTS}/{quote(request_id.strip(), safe='')}{part}"


def file_url(link: str) -> str:
    """A link to a file of the server, by the address at which we call it; a link into a bucket as it is."""
    _, _, path = urlsplit(link).path.partition(FILES)
    return FILES + path if path else link
