"""Makes text storable in Postgres, which takes no NUL."""

from typing import overload


@overload
def storable(text: str) -> str: ...


@overload
def storable(text: None) -> None: ...


def storable(text: str | None) -> str | None:
    """Without NUL, the one character that it does not take."""
    return None if text is None else text.replace("\x00", "")
