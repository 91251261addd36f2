"""The address rule, by table: every spelling that well-known proxies refuse, and what must pass."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.addresses import is_blocked

BLOCKED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.1.2.3
168.63.129.16 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1
192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1
64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::a00:1 100::1 100:0:0:1::1 2001::1 2001:0:4136:e378::1
2001:2::1 2001:3::1 2001:4:112::1 2001:10::1 2001:20::1 2001:30::1 2001:db8::1 2002:7f00:1::1
2002:a9fe:a9fe:: 2620:4f:8000::1 3ffe::1 3fff::1 4000::1 5f00::1 8000::1 fc00::1 fd00:ec2::254 fdff::1
fe80::1 fe80::1%eth0 febf::1 fec0::1 ff02::1 ff0e::1 2a00:1450::5efe:10.0.0.1 2a00:1450::200:5efe:7f00:1
"""

PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 93.184.216.34 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1
169.253.255.255 172.15.255.255 172.32.0.1 192.0.1.1 192.167.255.255 192.169.0.1 198.17.255.255 198.20.0.1
223.255.255.255 2001:200::1 2001:4860:4860::8888 2606:4700:4700::1111 2a00:1450:4001::1
2a00:1450::5efe:8.8.8.8
"""


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
