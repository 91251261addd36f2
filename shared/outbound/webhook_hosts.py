"""Which hosts a webhook may be posted to, by its URL alone: ingest refuses by it, the notifier keeps to it
(pure). Where a name leads is judged where the connection is made.
"""

from enum import Enum, auto
from ipaddress import IPv4Address, IPv6Address

from shared.outbound.addresses import Networks, is_allowed, is_blocked, literal_address


class Obstacle(Enum):
    """Why none is posted there."""

    NEEDS_HTTPS = auto()
    BLOCKED_ADDRESS = auto()
    OLD_SPELLING = auto()  # of an IPv4 address: our client calls none


def obstacle_to_posting(scheme: str, host: str, allow: Networks) -> Obstacle | None:
    """Plain http is for hosts that the operator allows."""
    is_plain = scheme == "http"
    if is_plain and not allow:
        return Obstacle.NEEDS_HTTPS
    address = literal_address(host)
    if address is None:
        return None
    if is_blocked(address, allow):
        return Obstacle.BLOCKED_ADDRESS
    if is_plain and not is_allowed(address, allow):
        return Obstacle.NEEDS_HTTPS
    return Obstacle.OLD_SPELLING if _is_old_spelling(host, address) else None


def _is_old_spelling(host: str, address: IPv4Address | IPv6Address) -> bool:
    return isinstance(address, IPv4Address) and host != str(address)
