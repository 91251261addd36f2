"""What is wrong with the host of a URL, an image's or a webhook's, as written (pure). It resolves no name."""

import re

MAX_HOST_CHARACTERS = 253
MAX_LABEL_CHARACTERS = 63
NO_HOST = "has no valid host or port"

_NOT_IN_HOST = re.compile(r"[\s\\<>\"{}|^`%#?/@]")


def host_fault(host: str, port: int | None) -> str | None:
    """What is wrong with what `urlsplit` read, as the end of a sentence; None when nothing is."""
    if host in {"http", "https"}:
        return "begins twice with http"
    if port == 0 or not _is_well_formed(host):
        return NO_HOST
    return None


def _is_well_formed(host: str) -> bool:
    """Whether a name server could know it by its form, or it is an address."""
    if len(host) > MAX_HOST_CHARACTERS or _NOT_IN_HOST.search(host):
        return False
    if ":" in host:  # urlsplit has judged the IPv6 literal
        return True
    labels = host.removesuffix(".").split(".")
    return all(0 < len(label) <= MAX_LABEL_CHARACTERS for label in labels)
