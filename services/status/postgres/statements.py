"""SQL by name: each statement of sql/*.sql stands under a line `-- name: what_it_does`.

Locks are taken in one order everywhere: request rows by id, then image rows, then deliveries by webhook id,
then the lock of completions; whoever changes an image holds its request's row. Jobs that look for due rows
skip what is locked.

aiosql reads such files too, and makes functions over a driver of them; here only the text is wanted.
"""

import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).with_name("sql")
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load(folder: Path) -> dict[str, str]:
    """The statements of all its files; a name that stands twice, in whatever file, is an error."""
    statements: dict[str, str] = {}
    for file in sorted(folder.glob("*.sql")):
        for name, statement in _statements(file.read_text(encoding="utf-8")):
            if name in statements:
                raise ValueError(f"{file.name} names {name} once more")
            statements[name] = statement
    return statements


def _statements(text: str) -> Iterator[tuple[str, str]]:
    _, *parts = _NAME.split(text)
    for name, statement in zip(parts[::2], parts[1::2], strict=True):
        yield name, statement.strip()


SQL = load(FOLDER)
