"""The part of a receiver's answer that is kept for people to read: its beginning, without secrets (pure)."""

from collections.abc import Sequence

KEPT_BYTES = 1_024
REDACTED = "[redacted]"


def excerpt(answer: bytes, secrets: Sequence[str]) -> str:
    """The first 1 KB as text. A receiver may echo its own URL: the URL's secrets are blotted out first.

    Whatever is not printable is escaped, so that no terminal, log or page can be led astray.
    """
    text = answer.decode("utf-8", errors="replace")
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    beginning = text.encode()[:KEPT_BYTES].decode("utf-8", errors="ignore")
    return printable(beginning)


def printable(text: str) -> str:
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()
