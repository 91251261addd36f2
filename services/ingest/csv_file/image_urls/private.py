"""Whether an image URL, as it is written, leads into a private network, so that its image will fail (pure).

It resolves no name: that is done when the image is fetched.
"""

import re
from ipaddress import IPv4Address
from urllib.parse import urlsplit

from shared.outbound.addresses import Networks, is_blocked, literal_address

_MAY_BE = re.compile(r"https?://(?:[0-9\[]|localhost\b)", re.IGNORECASE)
_BEGINS = frozenset("0123456789[lL")  # where the host of https:// begins, or that of http://
_LOCALHOST = IPv4Address("127.0.0.1")


def leads_inside(url: str, allow: Networks) -> bool:
    """For a URL in which `url_fault` finds nothing wrong."""
    if url[8:9] not in _BEGINS and url[7:8] not in _BEGINS:  # of nearly all: at half the cost of the pattern
        return False
    if _MAY_BE.match(url) is None:
        return False
    host = (urlsplit(url).hostname or "").removesuffix(".")
    address = _LOCALHOST if host == "localhost" else literal_address(host)
    return address is not None and is_blocked(address, allow)
