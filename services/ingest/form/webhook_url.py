"""Judges a webhook URL as it is written (pure). Where its name leads is judged when a webhook is sent."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from services.ingest.url_host import NO_HOST, host_fault
from shared.contract.limits import MAX_URL_CHARACTERS
from shared.outbound.addresses import Networks, literal_address
from shared.outbound.webhook_hosts import Obstacle, obstacle_to_posting

_UNSAFE = re.compile(r"[\s\\\x00-\x1f\x7f-\x9f]")
_OF_OBSTACLES: Mapping[Obstacle, str] = {
    Obstacle.NEEDS_HTTPS: "must use https",
    Obstacle.BLOCKED_ADDRESS: "leads to a blocked address",
    Obstacle.OLD_SPELLING: "must write its IP address as four decimal numbers, as in 192.0.2.1",
}
_IN_NO_WEBHOOK_HOST = re.compile(r"[!$&'()*+,;=~]")  # of those that an image's host may hold


def webhook_fault(url: str, allow: Networks) -> str | None:  # noqa: PLR0911 - a list of verdicts
    """What is wrong with the URL, as the end of a sentence; None when nothing is."""
    if len(url) > MAX_URL_CHARACTERS:
        return f"is longer than {MAX_URL_CHARACTERS:,} characters"
    if _UNSAFE.search(url):
        return "holds a space, a backslash or a control character"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return NO_HOST
    if parts.scheme not in {"http", "https"}:
        return "is not an http or https URL"
    if _IN_NO_WEBHOOK_HOST.search(host):
        return NO_HOST
    if (fault := host_fault(host, port)) is not None:
        return fault
    obstacle = obstacle_to_posting(parts.scheme, host, allow)
    return None if obstacle is None else _OF_OBSTACLES[obstacle]


def webhook_doubt(url: str) -> str | None:
    """What may go wrong with a URL that has no fault, as a sentence."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "http" or host == "localhost" or literal_address(host) is not None:
        return None
    return (
        f"The webhook URL is plain http: '{host}' is called only if it leads into a network that the operator"
        " allows; otherwise every delivery fails. Use https."
    )
