"""The address rule, by table: every spelling that well-known proxies refuse, and what must pass."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.outbound.addresses import is_blocked
from tests.worlds.addresses import BLOCKED, PUBLIC


@pytest.mark.parametrize("address", BLOCKED.split())
def test_a_special_purpose_address_is_blocked(address: str) -> None:
    """R20"""
    assert is_blocked(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC.split())
def test_a_public_address_passes(address: str) -> None:
    assert not is_blocked(ip_address(address))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("127.0.0.1", "127.0.0.0/8"),
        ("::ffff:127.0.0.1", "127.0.0.0/8"),
        ("::1", "::1/128"),
        ("fd00::5", "fd00::/8"),
        ("10.1.2.3", "10.1.2.3/32"),
    ],
)
def test_what_the_operator_allows_passes(address: str, network: str) -> None:
    assert is_blocked(ip_address(address))
    assert not is_blocked(ip_address(address), [ip_network("192.168.7.0/24"), ip_network(network)])


@pytest.mark.parametrize("address", ["10.0.0.1", "::1", "64:ff9b::7f00:1", "::7f00:1", "2002:7f00:1::1"])
def test_allowing_ipv4_loopback_allows_nothing_else(address: str) -> None:
    assert is_blocked(ip_address(address), [ip_network("127.0.0.0/8")])


@given(st.integers(0, 2**32 - 1))
def test_ipv4_passes_only_where_the_standard_library_sees_no_special_range(number: int) -> None:
    address = IPv4Address(number)
    assert is_blocked(address) or (address.is_global and not address.is_multicast)


@given(st.integers(0, 2**128 - 1))
def test_ipv6_passes_only_inside_global_unicast(number: int) -> None:
    address = IPv6Address(number)
    assert is_blocked(address) or address in ip_network("2000::/3")


@given(st.integers(0, 2**32 - 1))
def test_a_mapped_spelling_never_passes_by_itself(number: int) -> None:
    assert is_blocked(IPv6Address(0xFFFF_0000_0000 | number))
