"""Webhook targets are encrypted at rest and in flight: ingest seals, status keeps, the notifier opens."""

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

HIDDEN = "***"


class UnreadableTarget(Exception):  # noqa: N818 - a state of the target, told to the status service
    """The target was encrypted with a key that this keyring does not hold."""


class TargetKeyring:
    """The first key encrypts; every key opens, so keys can be rotated."""

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        self._fernet = MultiFernet([Fernet(key.get_secret_value()) for key in keys])

    def seal(self, url: str) -> str:
        return self._fernet.encrypt(url.encode()).decode()

    def open(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise UnreadableTarget("no key of the keyring opens this webhook target") from error


def shown(url: str) -> str:
    """The URL as people, topics and tables may see it: without userinfo and without its query's values."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    query = "&".join(_without_value(field) for field in parts.query.split("&")) if parts.query else ""
    return urlunsplit(parts._replace(netloc=host, query=query, fragment=""))


def _without_value(field: str) -> str:
    name, equals, _ = field.partition("=")
    return f"{name}={HIDDEN}" if equals else HIDDEN
