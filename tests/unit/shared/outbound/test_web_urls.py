"""Addresses as people write them and hosts send them as `Location`: each is read as browsers read it, or
refused; none is a bug of ours.
"""

import pytest
from yarl import URL

from shared.outbound.web_urls import is_web_url, parse_url, resolved

BASE = URL("https://shop.example/1.jpg")


@pytest.mark.parametrize(
    "location", ["https://[::1]@/", "//[@]@/1.jpg", "https://a.example[::1]x@", "https://[::1"]
)
def test_brackets_that_hold_no_host_are_a_value_error(location: str) -> None:
    """R20"""
    with pytest.raises(ValueError, match=r"\S"):
        resolved(BASE, location)


@pytest.mark.parametrize("userinfo", ["user", "user:password", ":password", ":\u0663"])
def test_no_web_address_says_who_asks(userinfo: str) -> None:
    """R20: a password alone would have been sent, or could not be written."""
    assert not is_web_url(resolved(BASE, f"https://{userinfo}@shop.example/2.jpg"))
    assert is_web_url(resolved(BASE, "https://shop.example/2.jpg"))


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/shop/../media/1.jpg", "/media/1.jpg"),
        ("/./a/.././b.jpg", "/b.jpg"),
        ("/../../1.jpg", "/1.jpg"),
        ("/a/%2E./b/%2e/1.jpg", "/b/1.jpg"),
        ("/a//../b//1.jpg", "/a/b//1.jpg"),
        ("/a/b/..?x=/../y", "/a/?x=/../y"),
        ("/a/.#/../b", "/a/"),
        ("/..", "/"),
        ("/a b/../c d.jpg", "/c%20d.jpg"),
        ("/..;/.hidden/..a/...", "/..;/.hidden/..a/..."),
        ("/1.jpg?from=/a/../b", "/1.jpg?from=/a/../b"),
    ],
)
def test_dots_in_a_path_lead_where_they_lead_a_browser(path: str, asked: str) -> None:
    """R09"""
    assert parse_url(f"https://shop.example{path}").raw_path_qs == asked
    assert resolved(BASE, f"https://shop.example{path}").raw_path_qs == asked


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        (
            "https://shop.example/a b%20(1),c.jpg?x=%2F ä",
            "https://shop.example/a%20b%20(1),c.jpg?x=%2F%20%C3%A4",
        ),
        ("https://shop.example/caf\udce9.jpg", "https://shop.example/caf%E9.jpg"),
        ("https://bücher.example:8443/ä.jpg", "https://xn--bcher-kva.example:8443/%C3%A4.jpg"),
    ],
)
def test_what_cannot_be_sent_as_it_is_written_is_encoded_and_the_rest_of_it_stays(
    written: str, asked: str
) -> None:
    """R09: signs and escapes that are there already, a byte of an old server, and a host of other letters."""
    assert str(parse_url(written)) == asked


@pytest.mark.parametrize(
    "text", ["https:///1.jpg", "ftp://shop.example/1.jpg", "shop.example/1.jpg", "/ä.jpg"]
)
def test_what_names_no_host_or_none_of_the_web_is_no_web_url(text: str) -> None:
    """R20"""
    assert not is_web_url(parse_url(text))
