"""Where a webhook goes is sealed on its way, and shown without its secrets."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from shared.contract.targets import TargetKeyring, UnreadableTarget, shown

OLD, NEW = (SecretStr(Fernet.generate_key().decode()) for _ in range(2))
URL = "https://user:secret@shop.example/hook?token=CANARY"


@given(url=st.text(max_size=200))
def test_what_is_sealed_opens_again(url: str) -> None:
    keyring = TargetKeyring([NEW])
    assert keyring.open(keyring.seal(url)) == url


def test_a_sealed_target_shows_nothing_of_the_url() -> None:
    """R20."""
    sealed = TargetKeyring([NEW]).seal(URL)
    assert not any(part in sealed for part in ("shop", "secret", "CANARY", "https"))


def test_after_a_rotation_old_targets_open_and_new_ones_need_the_new_key() -> None:
    """R20."""
    rotated = TargetKeyring([NEW, OLD])
    assert rotated.open(TargetKeyring([OLD]).seal(URL)) == URL
    with pytest.raises(UnreadableTarget):
        TargetKeyring([OLD]).open(rotated.seal(URL))


@pytest.mark.parametrize("sealed", ["", "nonsense", "gAAAAA", "ünïcode", "a" * 10_000, "\x00"])
def test_what_no_key_opens_is_unreadable_and_the_error_shows_nothing(sealed: str) -> None:
    with pytest.raises(UnreadableTarget) as caught:
        TargetKeyring([NEW]).open(sealed)
    assert str(caught.value) == "no key of the keyring opens this webhook target"


@pytest.mark.parametrize("keys", [[], [SecretStr("short")], [SecretStr("ä" * 44)]])
def test_a_keyring_refuses_what_is_no_key_without_showing_it(keys: list[SecretStr]) -> None:
    with pytest.raises(ValueError, match=r"Fernet|ASCII") as caught:
        TargetKeyring(keys)
    assert not any(key.get_secret_value() in str(caught.value) for key in keys)


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://shop.example/hook", "https://shop.example/hook"),
        ("https://shop.example/hook?a=b&token=x=y#c", "https://shop.example/hook?a=***&token=***"),
        ("https://shop.example/hook?bare", "https://shop.example/hook?***"),
        ("https://user:secret@shop.example:8443/hook", "https://shop.example:8443/hook"),
        ("https://user@shop.example/", "https://shop.example/"),
        ("https://a@b@shop.example/", "https://shop.example/"),
        ("http://user:secret@[2001:db8::1]:80/", "http://[2001:db8::1]:80/"),
    ],
)
def test_people_see_a_target_without_its_secrets(url: str, seen: str) -> None:
    """R12, R20."""
    assert shown(url) == seen
