"""Whether a webhook URL may be accepted, judged by its form alone (pure). A name is judged at send."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from shared.outbound.addresses import is_blocked

MAX_URL_CHARACTERS = 2_048

_UNSAFE = re.compile(r"[\s\\\x00-\x1f\x7f-\x9f]")
_NOT_IN_HOST = re.compile(r"[<>\"{}|^`%]")
_NUMBER_HOST = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}\.?", re.IGNORECASE)

Networks = Sequence[IPv4Network | IPv6Network]


def webhook_fault(url: str, allow: Networks) -> str | None:  # noqa: PLR0911 - a list of verdicts
    """What is wrong with the URL, as the end of a sentence; None when nothing is."""
    if len(url) > MAX_URL_CHARACTERS:
        return f"is longer than {MAX_URL_CHARACTERS:,} characters"
    if _UNSAFE.search(url):
        return "holds a space, a backslash or a control character"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "has no valid host or port"
    if parts.scheme not in {"http", "https"}:
        return "is not an http or https URL"
    if not host or port == 0 or _NOT_IN_HOST.search(host):
        return "has no valid host or port"
    if parts.scheme == "http" and not allow:
        return "must use https"
    return _host_fault(host, parts.scheme, allow)


def _host_fault(host: str, scheme: str, allow: Networks) -> str | None:
    address = literal_address(host)
    if address is None:
        return None
    if is_blocked(address, allow):
        return "leads to a blocked address"
    if scheme == "http" and not any(address in network for network in allow):
        return "must use https"
    return None


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is a spelling of, old spellings too: 127.1, 0x7f000001, 017700000001."""
    try:
        return ip_address(host.removesuffix("."))
    except ValueError:
        return _old_spelling(host) if _NUMBER_HOST.fullmatch(host) else None


def _old_spelling(host: str) -> IPv4Address:
    """As inet_aton reads it; what it would refuse is read as 0.0.0.0, which is blocked."""
    *leading, last = (_number(part) for part in host.removesuffix(".").split("."))
    whole = sum(number << (24 - 8 * place) for place, number in enumerate(leading)) + last
    fits = all(number < 1 << 8 for number in leading) and last < 1 << (32 - 8 * len(leading))
    return IPv4Address(whole if fits else 0)


def _number(text: str) -> int:
    if text.lower().startswith("0x"):
        return int(text[2:] or "0", 16)
    octal = text.startswith("0") and text.isdigit() and not set(text) & {"8", "9"}
    return int(text, 8 if octal else 10)
