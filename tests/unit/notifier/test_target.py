"""Which URLs may be posted to, what tells receivers apart, and which parts of a URL are secret."""

from base64 import b64encode
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.excerpt import excerpt
from services.notifier.target import UnusableTarget, parse_target
from shared.outbound.addresses import Networks

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("url", "allowed", "verdict"),
    [
        ("https://shop.example/hook", (), None),
        ("https://93.184.216.34/hook", (), None),
        ("https://[2606:2800:220:1::1]/hook", (), None),
        ("http://shop.example/hook", (), "https_required"),
        ("http://93.184.216.34/hook", (), "https_required"),
        ("http://93.184.216.34/hook", LOOPBACK, "https_required"),
        ("http://127.0.0.1:9000/hook", LOOPBACK, None),
        ("http://[::1]:9000/hook", LOOPBACK, None),
        ("http://[::ffff:127.0.0.1]/hook", LOOPBACK, None),
        ("http://shop.example/hook", LOOPBACK, None),  # judged by its address, when it is posted to
        ("https://127.0.0.1/hook", (), "blocked_address"),
        ("https://10.0.0.1/hook", LOOPBACK, "blocked_address"),
        ("https://169.254.169.254/latest", (), "blocked_address"),
        ("https://127.1/", (), "blocked_address"),
        ("https://2130706433/", (), "blocked_address"),
        ("https://127.0.0.1./", (), "blocked_address"),
        ("https://134744072/", (), "malformed_url"),
        ("https://[::1]/", (), "blocked_address"),
        ("https://[::ffff:10.0.0.1]/", (), "blocked_address"),
        ("ftp://shop.example/", (), "malformed_url"),
        ("//shop.example/", (), "malformed_url"),
        ("/hook", (), "malformed_url"),
        ("", (), "malformed_url"),
        ("https://", (), "malformed_url"),
        ("https://shop.example:port/", (), "malformed_url"),
        ("https://shop.example:99999/", (), "malformed_url"),
        ("https://[::1", (), "malformed_url"),
        ("https://[::1]@/", (), "malformed_url"),
        ("https://xn--a.example/", (), "malformed_url"),
        ("https://xn--xn--/", (), "malformed_url"),
        ("https://shop.example/" + "x" * 3_000, (), "malformed_url"),
    ],
)
def test_only_https_and_allowed_hosts_may_be_posted_to(
    url: str, allowed: Networks, verdict: str | None
) -> None:
    """R20."""
    if verdict is None:
        parse_target(url, allowed)
        return
    with pytest.raises(UnusableTarget, match=f"^{verdict}: "):
        parse_target(url, allowed)


@given(text=st.text(max_size=80) | st.text(max_size=60).map("https://".__add__))
def test_any_text_is_a_target_or_a_verdict_that_shows_nothing_of_it(text: str) -> None:
    try:
        target = parse_target(text, ())
    except UnusableTarget as unusable:
        assert str(unusable).split(":")[0] in {"malformed_url", "https_required", "blocked_address"}  # noqa: PT017
    else:
        assert target.is_encrypted


def test_userinfo_becomes_basic_authentication_and_leaves_the_url() -> None:
    target = parse_target("https://user:p%40ss@shop.example/hook?token=CANARY#fragment", ())
    assert str(target.url) == "https://shop.example/hook?token=CANARY"
    assert target.authorization() == {"Authorization": "Basic " + b64encode(b"user:p@ss").decode()}
    assert parse_target("https://shop.example/", ()).authorization() == {}


@pytest.mark.parametrize(
    ("userinfo", "sent"), [("key", b"key:"), ("key:", b"key:"), (":s3cret", b":s3cret"), ("", None)]
)
def test_userinfo_may_be_a_name_or_a_password_alone(userinfo: str, sent: bytes | None) -> None:
    """As with curl: the receivers of some shops take a key as the password of nobody."""
    target = parse_target(f"https://{userinfo}@shop.example/hook", ())
    assert str(target.url) == "https://shop.example/hook"
    basic = None if sent is None else b64encode(sent).decode()
    assert target.authorization() == ({} if basic is None else {"Authorization": f"Basic {basic}"})
    assert basic is None or basic in target.secrets()
    assert ("s3cret" in target.secrets()) == ("s3cret" in userinfo)


def test_every_secret_of_a_url_is_known_in_every_spelling() -> None:
    target = parse_target("https://user:p%40ssword@shop.example/hook?token=CAN%2FARY&n=1", ())
    basic = b64encode(b"user:p@ssword").decode()
    for secret in ("token=CAN%2FARY&n=1", "CAN/ARY", "p@ssword", basic):
        assert secret in target.secrets()
    assert "1" not in target.secrets()


@pytest.mark.parametrize(
    "echo",
    [
        "CAN%2FARY%26+",
        "CAN/ARY& ",
        r"CAN\/ARY& ",
        "CAN/ARY&amp; ",
        "CAN%2FARY%26%20",
        "p%40ssword",
        "p@ssword",
    ],
)
def test_no_answer_shows_a_secret_however_it_spells_it(echo: str) -> None:
    """R20: as it stood in the URL among others, in JSON as PHP writes it, in a page, in another URL."""
    target = parse_target("https://user:p%40ssword@shop.example/hook?n=1&token=CAN%2FARY%26+", ())
    assert excerpt(f"wrong: {echo}".encode(), target.secrets()) == "wrong: [redacted]"


@pytest.mark.parametrize(
    ("url", "echo", "kept"),
    [
        ("https://CANARY@shop.example/hook", "CANARY", "[redacted]"),  # a key without a password
        ("https://shop.example/hook?a=CANA&b=CANARY-LONG", "CANARY-LONG", "[redacted]"),
        ("https://shop.example/hook?b=CANARY-LONG&a=LONG", "CANARY-LONG", "[redacted]"),
        ("https://shop.example/hook?pin=1234", "in 1234 ms", "in [redacted] ms"),
        ("https://shop.example/hook?pin=123", "in 123 ms", "in 123 ms"),
    ],
)
def test_a_name_alone_a_secret_within_another_and_a_short_one_are_blotted_out_whole(
    url: str, echo: str, kept: str
) -> None:
    """R20: of a shorter one that is blotted out first, the rest of the longer would be left."""
    assert excerpt(f"wrong: {echo}".encode(), parse_target(url, ()).secrets()) == f"wrong: {kept}"


def test_receivers_are_told_apart_by_path_but_not_by_query() -> None:
    first, second, other = (
        parse_target(f"https://shop.example/{rest}", ()).endpoint for rest in ("a?order=1", "a?order=2", "b")
    )
    assert first == second == "https://shop.example/a"
    assert other != first
