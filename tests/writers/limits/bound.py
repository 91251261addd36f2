"""One bound: where it stands in the code, and how its value is shown."""

import dataclasses
import importlib
from dataclasses import dataclass
from enum import Enum
from typing import Any, assert_never

KIBI, MEBI, MINUTE, HOUR = 1024, 1024**2, 60, 3_600
INGEST, STATUS = "services.ingest.settings:Settings.", "services.status.settings:Settings."
PROCESSOR, NOTIFIER = "services.processor.settings:Settings.", "services.notifier.settings:Settings."


class Unit(Enum):
    BYTES = "bytes"
    SECONDS = "seconds"
    CHARACTERS = "characters"
    DAYS = "days"
    SHARE = "share"
    COUNT = ""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """One row. `at` names the constant, the field of a class of limits, or the setting: `module:NAME`."""

    what: str
    at: str
    beyond: str
    unit: Unit = Unit.COUNT

    @property
    def setting(self) -> str | None:
        name = self.at.partition("Settings.")[2]
        return name.upper() or None

    def value(self) -> Any:
        module, _, path = self.at.partition(":")
        owner, _, name = path.rpartition(".")
        found = importlib.import_module(module)
        return getattr(found, name) if not owner else _default(getattr(found, owner), name)

    def shown(self) -> str:
        return _shown(self.value(), self.unit)


def _default(owner: Any, name: str) -> Any:
    if hasattr(owner, "model_fields"):
        return owner.model_fields[name].default
    return next(each.default for each in dataclasses.fields(owner) if each.name == name)


def _shown(value: Any, unit: Unit) -> str:
    match value:
        case int() | float():
            return _number(value, unit)
        case tuple():
            return ", ".join(_shown(each, unit) for each in value)
        case str():
            return value
        case _:
            return "by the machine"


def _number(value: float, unit: Unit) -> str:
    match unit:
        case Unit.BYTES:
            return _bytes(int(value))
        case Unit.SECONDS:
            return _seconds(value)
        case Unit.SHARE:
            return f"{value:.0%}"
        case Unit.CHARACTERS | Unit.DAYS:
            return f"{int(value):,} {unit.value}"
        case Unit.COUNT:
            return f"{int(value):,}"
        case _:
            assert_never(unit)


def _bytes(value: int) -> str:
    for name, size in (("GB", 10**9), ("MiB", MEBI), ("MB", 10**6), ("KiB", KIBI)):
        if value >= size and value % size == 0:
            return f"{value // size:,} {name}"
    return f"{value:,} bytes"


def _seconds(value: float) -> str:
    for name, size in (("h", HOUR), ("min", MINUTE)):
        if value >= size and value != MINUTE and value % size == 0:
            return f"{value // size:g} {name}"
    return f"{value:g} s"
