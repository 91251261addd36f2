"""Which IP addresses our services may connect to: the public internet and what the operator allows (pure).

An explicit list, because `ipaddress.is_global` passes NAT64, 6to4, IPv4-compatible and multicast addresses.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from socket import inet_aton

Networks = Sequence[IPv4Network | IPv6Network]

_NUMBER_HOST = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}", re.IGNORECASE)

_BLOCKED_IPV4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata address lies in it
            "127.0.0.0/8",  # loopback
            "168.63.129.16/32",  # Azure's host services, on an address that looks public
            "169.254.0.0/16",  # link-local, and most clouds' metadata address
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # IETF protocol assignments; Oracle's metadata address lies in it
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarking
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and the broadcast address
        ),
    )
)

# Global unicast is 2000::/3 and nothing else: the first three ranges are all the rest. So loopback, mapped,
# compatible, NAT64 (64:ff9b::), discard-only, segment routing, unique-local, link-local, site-local and
# multicast addresses are blocked, and so is whatever is assigned there next.
_BLOCKED_IPV6 = tuple(
    map(
        IPv6Network,
        (
            "::/3",
            "4000::/2",
            "8000::/1",
            "2001::/23",  # IETF protocol assignments: Teredo, benchmarking, ORCHID, AMT, AS112, …
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: carries an IPv4 address
            "2620:4f:8000::/48",  # AS112
            "3ffe::/16",  # the former 6bone
            "3fff::/20",  # documentation
        ),
    )
)

_ISATAP_MARKS = frozenset({0x0000_5EFE, 0x0200_5EFE})


def is_blocked(address: IPv4Address | IPv6Address, allow: Networks = ()) -> bool:
    """Whether no connection to this address may be made. `allow` wins over the list, in every spelling."""
    return not is_allowed(address, allow) and any(map(_is_listed, _spellings(address)))


def is_allowed(address: IPv4Address | IPv6Address, allow: Networks) -> bool:
    """Whether the operator allows this address by name, public or not."""
    return any(spelling in network for spelling in _spellings(address) for network in allow)


def _spellings(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    """The address, and the IPv4 address that the same packets would reach."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address, address.ipv4_mapped)
    interface = int(address) & (2**64 - 1)
    if interface >> 32 in _ISATAP_MARKS:
        return (address, IPv4Address(interface & (2**32 - 1)))
    return (address,)


def _is_listed(address: IPv4Address | IPv6Address) -> bool:
    blocked = _BLOCKED_IPV4 if isinstance(address, IPv4Address) else _BLOCKED_IPV6
    return any(address in network for network in blocked)


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that this host spells, also in old ways (127.1, 0x7f000001, 017700000001), or None."""
    written = host.removesuffix(".")
    try:
        return ip_address(written)
    except ValueError:
        return _old_spelling(written) if _NUMBER_HOST.fullmatch(written) else None


def _old_spelling(number_host: str) -> IPv4Address:
    """What inet_aton refuses is read as 0.0.0.0, which is blocked."""
    try:
        return IPv4Address(inet_aton(number_host))
    except OSError:
        return IPv4Address(0)
