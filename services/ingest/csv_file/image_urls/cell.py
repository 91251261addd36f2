"""Which image URLs a cell holds, and what is wrong with one as it is written (pure)."""

import re
from urllib.parse import urlsplit

from shared.contract.limits import MAX_URL_CHARACTERS

MAX_HOST_CHARACTERS = 253
MAX_LABEL_CHARACTERS = 63

_LAST_SPACE = 0x3000  # of Unicode
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"  # comes along when an address is copied from a page
BLANK = "".join(filter(str.isspace, map(chr, range(_LAST_SPACE + 1)))) + _INVISIBLE
_SEPARATORS = ",;" + BLANK
_PLAIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,8}[a-z]{2,62}(?:/[!-~]*)?", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NOT_IN_HOST = re.compile(r"[\s\\<>\"{}|^`%#?/@]")
_BEGINS = re.compile(r"\s*https?://", re.IGNORECASE)


def begins_address(text: str) -> bool:
    return _BEGINS.match(text) is not None


def split_urls(cell: str) -> list[str]:
    """The URLs of one cell, in order. A separator counts only where a new address begins after it."""
    cell = cell.strip(_SEPARATORS)
    if cell.find("://", len("https:")) == -1:
        return [cell] if cell else []
    begins = _beginnings(cell)
    pieces = zip([0, *begins], [*begins, None], strict=True)
    return [cell[start:end].rstrip(_SEPARATORS) for start, end in pieces]


def _beginnings(cell: str) -> list[int]:
    """Where a further address begins. No regular expression: on a hostile cell of megabytes one would hold
    the interpreter, and with it the event loop, for too long.
    """
    begins = []
    colon = cell.find("://")
    while colon != -1:
        before = cell[max(colon - len("https"), 0) : colon].lower()
        start = colon - (len("https") if before == "https" else len("http"))
        if start > 0 and cell[start - 1] in _SEPARATORS and before.endswith(("http", "https")):
            begins.append(start)
        colon = cell.find("://", colon + len("://"))
    return begins


def url_fault(url: str) -> str | None:
    """What is wrong with the URL as written, as the end of a sentence; None when nothing is."""
    if len(url) > MAX_URL_CHARACTERS:
        return f"is longer than {MAX_URL_CHARACTERS:,} characters"
    if _PLAIN.fullmatch(url):
        return None
    if _CONTROL.search(url):
        return "holds a control character or a line break"
    if not begins_address(url):
        return "is not an http or https URL"
    return _authority_fault(url)


def _authority_fault(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "has no valid host or port"
    if "@" in parts.netloc:
        return "holds a user name or password"
    if host in {"http", "https"}:
        return "begins twice with http"
    if port == 0 or not host or not _is_host(host):
        return "has no valid host or port"
    return None


def _is_host(host: str) -> bool:
    if len(host) > MAX_HOST_CHARACTERS or _NOT_IN_HOST.search(host):
        return False
    if ":" in host:  # urlsplit has judged the IPv6 literal
        return True
    labels = host.removesuffix(".").split(".")
    return all(0 < len(label) <= MAX_LABEL_CHARACTERS for label in labels)
