"""The way out against an internet of its own, with public-looking addresses and no bypass: whatever the
spelling, name or redirect, a private canary counts no connection.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.outbound.world import NAME_SERVER, PUBLIC_IPV4, PUBLIC_IPV6
from tests.worlds.hosts.addresses import BLOCKED
from tests.worlds.patience import DEADLINE_SECONDS

ROOT = Path(__file__).parents[3]
IN_A_NAMESPACE = (
    *("unshare", "--map-root-user", "--net", "--mount"),
    *(
        "sh",
        "-c",
        'mount --bind "$1" /etc/resolv.conf && exec "$2" -m tests.integration.outbound.world',
        "sh",
    ),
)
INSIDE = [address for address in BLOCKED.split() if "%" not in address]


def name_of(address: str) -> str:
    return f"to-{ip_address(address).packed.hex()}.example"


def host_of(address: str) -> str:
    return f"[{address}]" if ":" in address else address


ZONE: dict[str, list[list[str]]] = {name_of(address): [[address]] for address in INSIDE} | {
    "shop.example": [[PUBLIC_IPV4, PUBLIC_IPV6]],
    "rebinding.example": [[PUBLIC_IPV4], ["10.0.0.1"]],
    "rebinding6.example": [[PUBLIC_IPV6], ["::ffff:10.0.0.1"]],
    "both.example": [["10.0.0.1", PUBLIC_IPV4, "fc00::1", PUBLIC_IPV6, "169.254.169.254"]],
    "only-six-inside.example": [["64:ff9b::a00:1", PUBLIC_IPV4]],
}
LITERALS = [f"http://{host_of(address)}/" for address in INSIDE]
NAMES = [f"http://{name_of(address)}/" for address in INSIDE]
REDIRECTS = [f"http://shop.example/to/{quote(url, safe='')}" for url in (*LITERALS, *NAMES)]
SPELLINGS = [
    *("http://127.1/", "http://0x7f.1/", "http://2130706433/", "http://0177.0.0.1/", "http://0/"),
    *("http://10.1/", "http://0xa000001/", "http://167772161/", "http://012.0.0.1/", "http://10.0.0.1./"),
    *("http://①⓪.0.0.1/", "http://10。0。0。1/", "http://%31%30.0.0.1/", "http://10.0.0.1%2e/"),
    *("http://[fe80::1%25lo]/", "http://[::ffff:a00:1]/", "http://[0:0:0:0:0:ffff:10.0.0.1]/"),
    *("http://[::10.0.0.1]/", "http://localhost/", "http://LOCALHOST./", "http://localhost.localdomain/"),
    *(f"http://{PUBLIC_IPV4}@10.0.0.1/", f"http://{PUBLIC_IPV4}:80@10.0.0.1/", "http://a:b@10.0.0.1/"),
    *(f"http://10.0.0.1#@{PUBLIC_IPV4}/", f"http://10.0.0.1\\@{PUBLIC_IPV4}/", "http://10.0.0.1?@a/"),
    *(f"http://{PUBLIC_IPV4}\t@10.0.0.1/", "http:10.0.0.1/", "http:///10.0.0.1/", "HTTP://10.0.0.1/"),
]
OTHER_SCHEMES = [
    f"http://shop.example/to/{quote(target, safe='')}"
    for target in (
        *("file:///etc/passwd", "gopher://10.0.0.1:80/_x", "ftp://10.0.0.1/", "data:image/png;base64,AA"),
        *("//10.0.0.1/", "http://a@shop.example/", "\\\\10.0.0.1\\", "dict://10.0.0.1/"),
    )
]
PUBLIC_URLS = [
    *(f"http://{PUBLIC_IPV4}/", f"http://[{PUBLIC_IPV6}]/", "http://shop.example/"),
    f"http://shop.example/to/{quote(f'http://{PUBLIC_IPV4}/', safe='')}",
]
REBINDING = ["http://rebinding.example/", "http://rebinding6.example/"]
MIXED = ["http://both.example/", "http://only-six-inside.example/"]
NEVER = [*LITERALS, *NAMES, *REDIRECTS, *SPELLINGS, *OTHER_SCHEMES]
EVERYTHING = [*NEVER, *PUBLIC_URLS, *REBINDING, *MIXED]
PUBLIC_ADDRESSES = {PUBLIC_IPV4, PUBLIC_IPV6}


@dataclass(frozen=True)
class Outcomes:
    unguarded: Sequence[str]
    by_url: Mapping[str, Mapping[str, Any]]

    def codes(self, url: str) -> Sequence[str]:
        return list(self.by_url[url]["codes"])

    def visited(self, url: str) -> set[str]:
        return set(self.by_url[url]["visited"])


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """One world for all: it fails, and is not skipped, where there can be no namespace."""
    resolver = tmp_path_factory.mktemp("guard") / "resolv.conf"
    resolver.write_text(f"nameserver {NAME_SERVER}\noptions attempts:1\n")
    told = json.dumps({"zone": ZONE, "urls": EVERYTHING, "addresses": INSIDE})
    ended = subprocess.run(
        [*IN_A_NAMESPACE, str(resolver), sys.executable],
        cwd=ROOT,
        input=told.encode(),
        capture_output=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()[-2000:]
    world = json.loads(ended.stdout)
    return Outcomes(world["unguarded"], dict(zip(EVERYTHING, world["outcomes"], strict=True)))


def test_without_the_guard_the_canary_would_have_counted(outcomes: Outcomes) -> None:
    """Else this file would show nothing. No connection can be made to multicast and the like."""
    impossible = {a for a in INSIDE if ip_address(a).is_multicast or a == "255.255.255.255"}
    assert len(impossible) < 6
    assert set(INSIDE) - set(outcomes.unguarded) <= impossible | {"fe80::1", "febf::1", "240.0.0.1"}


@pytest.mark.parametrize("urls", [LITERALS, NAMES, REDIRECTS, SPELLINGS, OTHER_SCHEMES])
def test_nothing_inside_is_ever_connected_to(outcomes: Outcomes, urls: Sequence[str]) -> None:
    """R20: canaries on private, local, metadata, mapped, NAT64, 6to4 and Teredo addresses count zero."""
    reached = {url: outcomes.by_url[url] for url in urls if outcomes.visited(url) - PUBLIC_ADDRESSES}
    assert reached == {}


@pytest.mark.parametrize("urls", [LITERALS, NAMES, REDIRECTS])
def test_an_address_inside_is_told_as_blocked_and_never_tried_again(
    outcomes: Outcomes, urls: Sequence[str]
) -> None:
    """R19, R20"""
    assert {code for url in urls for code in outcomes.codes(url)} == {"blocked_address"}


@pytest.mark.parametrize("url", [*SPELLINGS, *OTHER_SCHEMES])
def test_no_odd_spelling_is_fetched(outcomes: Outcomes, url: str) -> None:
    """R20"""
    assert "fetched" not in outcomes.codes(url)


@pytest.mark.parametrize("url", PUBLIC_URLS)
def test_a_public_address_is_fetched(outcomes: Outcomes, url: str) -> None:
    assert outcomes.codes(url) == ["fetched", "fetched"]
    assert outcomes.visited(url) <= PUBLIC_ADDRESSES


@pytest.mark.parametrize("url", REBINDING)
def test_a_name_that_turns_inward_the_second_time_is_blocked_then(outcomes: Outcomes, url: str) -> None:
    """R20"""
    assert outcomes.codes(url) == ["fetched", "blocked_address"]
    assert len(outcomes.visited(url) & PUBLIC_ADDRESSES) == 1
    assert outcomes.visited(url) <= PUBLIC_ADDRESSES


@pytest.mark.parametrize("url", MIXED)
def test_of_a_name_with_both_only_the_public_address_is_connected_to(outcomes: Outcomes, url: str) -> None:
    """R20: happy eyeballs tries several addresses, each is judged."""
    assert outcomes.codes(url) == ["fetched", "fetched"]
    assert outcomes.visited(url) <= PUBLIC_ADDRESSES
