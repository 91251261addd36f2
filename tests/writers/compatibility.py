"""Says what in a newer JSON Schema would break those who rely on the older one (pure)."""

from collections.abc import Iterator, Mapping
from typing import Any

_SAYS_NOTHING = frozenset({"title", "description", "default"})
_MAY_GROW = frozenset(
    {"", "properties", "$defs"}
)  # their keys are names, not rules; "" holds the event types


def breaks(old: Any, new: Any, where: str = "") -> Iterator[str]:
    """One line for each removed or retyped field, removed enum value, new duty or new rule."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        if old != new:
            yield f"{where}: {old!r} became {new!r}"
        return
    for key in sorted(old.keys() - new.keys() - _SAYS_NOTHING - {"required"}):
        yield f"{where}/{key}: removed"
    for key in sorted(new.keys() - old.keys() - _SAYS_NOTHING):
        if where.rpartition("/")[2] not in _MAY_GROW:
            yield f"{where}/{key}: added"
    for key in sorted(old.keys() & new.keys() - _SAYS_NOTHING):
        yield from _breaks_of(key, old[key], new[key], f"{where}/{key}")


def _breaks_of(key: str, old: Any, new: Any, where: str) -> Iterator[str]:
    if key == "required" and isinstance(old, list):
        yield from (f"{where}: {name} is now required" for name in new if name not in old)
    elif key == "enum":
        yield from (f"{where}: {value!r} is gone" for value in old if value not in new)
    else:
        yield from breaks(old, new, where)
