"""SQL by name: reads a file of statements, each under a line `-- name: what_it_does`."""

import re
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load(path: Path) -> dict[str, str]:
    """The statements of one file; a name that stands twice is an error."""
    _, *parts = _NAME.split(path.read_text(encoding="utf-8"))
    statements: dict[str, str] = {}
    for name, statement in zip(parts[::2], parts[1::2], strict=True):
        if name in statements:
            raise ValueError(f"{path.name} names {name} twice")
        statements[name] = statement.strip()
    return statements
