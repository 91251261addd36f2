"""Says what in a newer JSON Schema would break those who rely on the older one.

`python -m tests.contract.compatibility` pins the schemas of shared/events.py as they are now: run it after a
field was added, never to silence a break. A breaking change is a new event type.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shared.events import EVENTS

PINNED = Path(__file__).parent / "golden" / "schemas.json"

_SAYS_NOTHING = frozenset({"title", "description", "default"})
_MAY_GROW = frozenset({"properties", "$defs"})  # their keys are names, not rules


def current_schemas() -> dict[str, Any]:
    return {event.TYPE: event.model_json_schema() for event in EVENTS.values()}


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


if __name__ == "__main__":
    PINNED.write_text(json.dumps(current_schemas(), indent=2, sort_keys=True) + "\n")
