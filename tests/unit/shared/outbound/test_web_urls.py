"""Addresses that a host may send as `Location`: each is a web address or refused; none is a bug of ours."""

import pytest
from yarl import URL

from shared.outbound.client import is_web_url, resolved

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
