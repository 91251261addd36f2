"""Webhook URLs are judged by their form at upload; names are judged by their address at send."""

from ipaddress import ip_network

import pytest

from services.ingest.form.webhook_url import webhook_doubt, webhook_fault

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/hook?a=1",
        "HTTPS://u:p@shop.example:8443/",
        "https://8.8.8.8/",
        "https://localhost/",
        "https://shop.example./",
        f"https://{'a' * 63}.example/",
        "https://[2606:4700::1111]/",
    ],
)
def test_https_to_a_name_or_a_public_address_is_accepted(url: str) -> None:
    """R20"""
    assert webhook_fault(url, ()) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.0.0.1./",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://017700000001/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1:8443/",
        "https://999.1.1.1/",
    ],
)
def test_a_literal_blocked_address_is_refused_in_every_spelling(url: str) -> None:
    """R20"""
    assert webhook_fault(url, ()) == "leads to a blocked address"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example/hook",
        "ftp://shop.example/",
        "javascript:alert(1)",
        "https://",
        "https:///hook",
        "https://shop.example:x/",
        "https://shop.example:0/",
        "https://shop..example/",
        "https://.shop.example/",
        f"https://{'a' * 64}.example/",
        f"https://{'a.' * 130}example/",
        "https://https://shop.example/",
        "https://[::1/",
        "https://shop.example*",
        "https://shop.example,https://other.example/",
        "https://shop.example/a b",
        "https://shop.example\\@127.0.0.1/",
        "https://shop.example/\r\nX: y",
        "https://shop.example/\0",
        "https://shop.example/" + "x" * 2048,
        "http://shop.example/",
    ],
)
def test_what_is_no_https_url_is_refused(url: str) -> None:
    """R20"""
    assert webhook_fault(url, ()) is not None


@pytest.mark.parametrize("host", ["134744072", "0x8.0x8.2056", "010.010.8.8", "8.526344", "8.8.8.8."])
def test_a_public_address_is_refused_in_a_spelling_that_is_never_called(host: str) -> None:
    """R20: it was taken, and each delivery failed."""
    fault = webhook_fault(f"https://{host}/", ())
    assert fault == "must write its IP address as four decimal numbers, as in 192.0.2.1"


def test_http_is_for_hosts_that_the_operator_allows() -> None:
    assert webhook_fault("http://127.0.0.1:9000/hook", LOOPBACK) is None
    assert webhook_fault("http://127.1:9000/hook", LOOPBACK) is not None
    assert webhook_fault("http://localhost:9000/hook", LOOPBACK) is None  # judged by its address at send
    assert webhook_fault("https://127.0.0.1/hook", LOOPBACK) is None
    assert webhook_fault("http://8.8.8.8/hook", LOOPBACK) == "must use https"
    assert webhook_fault("http://10.0.0.1/hook", LOOPBACK) == "leads to a blocked address"


def test_an_allowed_address_in_the_spelling_of_ipv6_is_allowed_as_well() -> None:
    assert webhook_fault("http://[::ffff:127.0.0.1]:9000/hook", LOOPBACK) is None


@pytest.mark.parametrize(
    ("url", "is_doubtful"),
    [
        ("http://shop.example/hook", True),
        ("https://shop.example/hook", False),
        ("http://localhost:9000/hook", False),
        ("http://127.0.0.1:9000/hook", False),
    ],
)
def test_plain_http_to_a_name_is_taken_with_a_warning(url: str, *, is_doubtful: bool) -> None:
    """R20: only where it leads tells whether it may be called, and that is known when it is called."""
    assert webhook_fault(url, LOOPBACK) is None
    doubt = webhook_doubt(url)
    assert (doubt is not None) == is_doubtful
    assert doubt is None or "'shop.example'" in doubt
