"""Every bound in one list, and the tables of docs/limits.md made from it: a file here for each table."""

from collections.abc import Iterator
from pathlib import Path

from tests.writers.limits.answers import ANSWERS
from tests.writers.limits.bound import Bound
from tests.writers.limits.images import IMAGES
from tests.writers.limits.memory import MEMORY
from tests.writers.limits.shares import SHARES
from tests.writers.limits.upload import UPLOAD
from tests.writers.limits.waits import WAITS
from tests.writers.limits.webhooks import WEBHOOKS
from tests.writers.limits.work import WORK
from tests.writers.limits.workbooks import WORKBOOKS
from tests.writers.made_parts import with_part

PAGE = Path(__file__).parents[3] / "docs" / "limits.md"
BEGIN = "<!-- made by python -m tests.writers.limits -->\n"
HEAD = "| what | at most | setting | beyond it |\n|---|---|---|---|\n"

SECTIONS = {
    "An upload": UPLOAD,
    "A workbook (.xlsx, .ods)": WORKBOOKS,
    "Shares of everybody": SHARES,
    "An image": IMAGES,
    "A processor's work": WORK,
    "A webhook": WEBHOOKS,
    "Answers": ANSWERS,
    "Memory of a process": MEMORY,
    "Waits inside": WAITS,
}


def bounds() -> Iterator[Bound]:
    for section in SECTIONS.values():
        yield from section


def tables() -> str:
    return "\n".join(f"## {title}\n\n{HEAD}{_rows(section)}" for title, section in SECTIONS.items())


def _rows(section: tuple[Bound, ...]) -> str:
    return "".join(
        f"| {each.what} | {each.shown()} | {f'`{each.setting}`' if each.setting else ''} | {each.beyond} |\n"
        for each in section
    )


def with_tables(page: str) -> str:
    return with_part(page, BEGIN, tables() + "\n")
