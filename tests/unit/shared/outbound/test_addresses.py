"""The address rule, by table: every spelling that well-known proxies refuse, and what must pass."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.outbound.addresses import is_blocked, literal_address
from tests.worlds.hosts.addresses import BLOCKED, PUBLIC


@pytest.mark.parametrize("address", BLOCKED.split())
def test_a_special_purpose_address_is_blocked(address: str) -> None:
    """R20"""
    assert is_blocked(ip_address(address))


@pytest.mark.parametrize("address", ["fe80::5efe:8.8.8.8", "fd00::200:5efe:8.8.8.8", "::ffff:10.8.8.8"])
def test_an_address_that_holds_another_one_is_blocked_where_either_is(address: str) -> None:
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


@st.composite
def old_spellings(draw: st.DrawFn) -> tuple[IPv4Address, str]:
    """An address and an old text for it: the last number stands for all bytes that are left."""
    address = IPv4Address(draw(st.integers(0, 2**32 - 1)))
    leading = draw(st.integers(0, 3))
    last = int(address) & ((1 << (32 - 8 * leading)) - 1)
    formats = st.sampled_from(("{:d}", "{:#x}", "0X{:X}", "0{:o}"))
    parts = [draw(formats).format(number) for number in (*address.packed[:leading], last)]
    return address, ".".join(parts) + draw(st.sampled_from(("", ".")))


@given(old_spellings())
def test_an_old_spelling_is_read_as_its_address(spelt: tuple[IPv4Address, str]) -> None:
    """R20"""
    address, text = spelt
    assert literal_address(text) == address


@pytest.mark.parametrize(
    "host", ["08.8.8.8", "256.1", "1.2.3.256", "4294967296", "0x", "0x100.1", "9" * 2_000]
)
def test_what_inet_aton_refuses_is_blocked(host: str) -> None:
    """R20"""
    address = literal_address(host)
    assert address is not None
    assert is_blocked(address)


@pytest.mark.parametrize(
    "host", ["", ".", "shop.example", "127.1.example", "1.2.3.4.5", "1.1.1.1..", "127.1 a"]
)
def test_a_name_is_no_literal_address(host: str) -> None:
    assert literal_address(host) is None


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
