"""What the fake server refuses as the real one does, beside the rows of a file: the options of an upload, the
parameters and the state of a call (pure).
"""

import codecs
import re
from collections.abc import Collection, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import inet_aton
from typing import Any
from urllib.parse import urlsplit

from pixmill.testing.codes import is_known

REQUEST_STATES = ("pending", "processing", "completed", "failed", "cancelled")
NOTHING_TO_RETRY = "It runs, or no image of it failed or was cancelled."
IMAGE_STATES = ("planned", "requested", "done", "failed", "cancelled")
_CHOICES = {
    "format": ("keep", "jpeg", "png", "webp", "avif"),
    "priority": ("high", "normal", "bulk"),
    "on_invalid": ("reject", "skip"),
}
_LONGEST_URL, _LARGEST_PAGE, _BEST_QUALITY = 2048, 1000, 95
_LAST_ORDINAL = 2**31 - 1
_IN_NO_URL = re.compile(r"[\s\\\x00-\x1f\x7f-\x9f]")
_NO_HOST = "has no valid host or port"
_NEEDS_HTTPS = "must use https"
_OF_NUMBERS = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}")
_OTHER_ENCODINGS = {
    *("ansi", "unicode", "utf8bom", "utf8sig", "iso88591", "win1251", "xsjis", "ksc56011987", "xmacroman"),
    *("xmacce", "xmaccyrillic", "xmacgreek", "xmacturkish"),
    *(f"windows{page}" for page in ("31j", 874, 932, 936, 949, 950)),
}
_KEY = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")
_NOT_ALL_HAD_TURNS = "Not each of its images has had its turn: try again without a code, which takes in all."


class Refused(Exception):  # noqa: N818 - an answer, not a failure
    """A problem: its status, the last part of its type, its sentence, and what else it has."""

    def __init__(self, status: int, kind: str, error: str, **more: Any) -> None:
        super().__init__(error)
        self.status, self.kind, self.error, self.more = status, kind, error, more


def require_options(fields: Mapping[str, str], allow_hosts: Sequence[str]) -> None:
    """An empty field is as good as none."""
    given = {name: text.strip() for name, text in fields.items() if text.strip()}
    url = given.get("webhook_url")
    if url and (fault := webhook_fault(url, allow_hosts)):
        raise invalid_form("webhook_url", f"The webhook URL {fault}.")
    if not _is_quality(given.get("quality", "50")):
        raise invalid_form("quality", "quality must be a whole number from 1 to 95.")
    for name, choices in _CHOICES.items():
        if given.get(name, choices[0]).lower() not in choices:
            raise invalid_form(name, f"{name} must be one of {', '.join(choices)}.")
    if not _is_encoding(encoding := given.get("encoding", "utf-8")):
        raise invalid_form("encoding", f"encoding names none that we know: '{encoding[:40]}'.")


def _is_quality(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len("095") and 1 <= int(text) <= _BEST_QUALITY


def webhook_fault(url: str, allow_hosts: Sequence[str]) -> str | None:
    if len(url) > _LONGEST_URL:
        return f"is longer than {_LONGEST_URL:,} characters"
    if _IN_NO_URL.search(url):
        return "holds a space, a backslash or a control character"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _NO_HOST
    if parts.scheme not in ("http", "https"):
        return "is not an http or https URL"
    if host in ("http", "https"):
        return "begins twice with http"
    return _obstacle(parts.scheme, host, allow_hosts) if host and port != 0 else _NO_HOST


def _obstacle(scheme: str, host: str, allow_hosts: Sequence[str]) -> str | None:
    """Plain http is for networks that the operator allows, and private addresses too."""
    if scheme == "http" and not allow_hosts:
        return _NEEDS_HTTPS
    address = _address(host)
    if address is None:
        return None
    is_allowed = any(address in ip_network(network) for network in allow_hosts)
    if not is_allowed and (not address.is_global or address.is_multicast):
        return "leads to a blocked address"
    if scheme == "http" and not is_allowed:
        return _NEEDS_HTTPS
    is_old_spelling = address.version == 4 and host != str(address)  # noqa: PLR2004 - of IPv4
    return "must write its IP address as four decimal numbers, as in 192.0.2.1" if is_old_spelling else None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """What it spells, also in an old way, as 134744072; what only looks like one is blocked as 0.0.0.0 is."""
    written = host.removesuffix(".")
    try:
        return ip_address(written)
    except ValueError:
        return _old_spelling(written) if _OF_NUMBERS.fullmatch(written) else None


def _old_spelling(written: str) -> IPv4Address:
    try:
        return IPv4Address(inet_aton(written))
    except OSError:
        return IPv4Address(0)


def _is_encoding(name: str) -> bool:
    """By the names that Python knows, and those beside them that people give."""
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return re.sub("[^a-z0-9]", "", name.lower()) in _OTHER_ENCODINGS
    return True


def require_key(key: str | None) -> None:
    if key is not None and not _KEY.fullmatch(key):
        error = "There may be one Idempotency-Key, of 1 to 255 printable ASCII characters."
        raise Refused(400, "invalid-idempotency-key", error)


def page_limit(query: Mapping[str, str], states: Sequence[str] = (), default: int = 100) -> int:
    """How many items a page has. What cannot be is refused as pydantic says it."""
    state, limit = query.get("state"), query.get("limit", str(default))
    if states and state is not None and state not in states:
        *names, last = (f"'{each}'" for each in states)
        raise invalid_request(f"state: Input should be {', '.join(names)} or {last}")
    if _whole(limit) < 1:
        raise invalid_request("limit: Input should be greater than or equal to 1")
    if int(limit) > _LARGEST_PAGE:
        raise invalid_request(f"limit: Input should be less than or equal to {_LARGEST_PAGE}")
    return int(limit)


def first_ordinal(query: Mapping[str, str]) -> int:
    """Where the page of a request's images begins."""
    cursor = query.get("cursor") or "0"
    if not re.fullmatch(r"[0-9]{1,10}", cursor) or int(cursor) > _LAST_ORDINAL:
        raise unknown_cursor()
    return int(cursor)


def _whole(limit: str) -> int:
    if not re.fullmatch(r"-?[0-9]+", limit):
        raise invalid_request("limit: Input should be a valid integer, unable to parse string as an integer")
    return int(limit)


def require_retry(codes: Collection[str], failed: Sequence[str], *, all_had_turns: bool) -> None:
    """Of an ended request whose images `failed` with these codes."""
    for code in codes:
        if not is_known(code) and code not in failed:
            raise invalid_request(
                f"code: {code[:40]!r} is no failure code; `failures` of the request has its codes."
            )
    if codes and not all_had_turns:
        raise conflict(_NOT_ALL_HAD_TURNS)
    missing = sorted(set(codes) - set(failed))
    if missing and failed:
        raise conflict(f"No image of it failed with {', '.join(missing)}; its codes are {', '.join(failed)}.")
    if missing or not (failed or not all_had_turns):
        raise conflict(NOTHING_TO_RETRY)


def invalid_form(field: str, error: str) -> Refused:
    return Refused(400, "invalid-form", error, field=field)


def invalid_request(error: str) -> Refused:
    return Refused(400, "invalid-request", error)


def unknown_cursor() -> Refused:
    return invalid_request("The cursor is not one that this API gave.")


def conflict(error: str) -> Refused:
    return Refused(409, "conflict", error)
