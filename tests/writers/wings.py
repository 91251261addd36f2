"""What docs/architecture.md shows of the wings, made from the code: a picture of who leans on whom, a table
of what each is for, with the rooms in it. `python -m tests.writers.wings` writes both anew.

The picture leaves out an arrow that others already tell: what A needs of C where A leans on B and B on C.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import grimp

from tests.writers.made_parts import with_part

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "architecture.md"
PICTURE_BEGIN = "<!-- picture, made by python -m tests.writers.wings -->\n"
TABLE_BEGIN = "<!-- table, made by python -m tests.writers.wings -->\n"
HOUSES = ("services.ingest", "services.status", "services.processor", "services.notifier", "shared")
ROOT_OF_COMPOSITION = "__main__"  # it puts all parts together, so it leans on everything

Arrows = Mapping[str, frozenset[str]]  # who leans on whom


def told(document: str) -> str:
    """The document with both parts as the code has them now."""
    return with_part(with_part(document, PICTURE_BEGIN, picture()), TABLE_BEGIN, table())


def picture() -> str:
    lines = ["```mermaid", "flowchart TD"]
    for house, arrows in _houses():
        name = house.rpartition(".")[2]
        lines.append(f"  subgraph {name}")
        lines += [f"    {name}.{wing}[{wing}]" for wing in arrows]
        lines += [f"    {name}.{high} --> {name}.{low}" for high, low in _needed(arrows)]
        lines.append("  end")
    lines += [f"  {house.rpartition('.')[2]} ==> shared" for house in HOUSES if house != "shared"]
    return "".join(f"{line}\n" for line in [*lines, "```"])


def table() -> str:
    rows = ["| wing | what it is for, and what it must not know |", "|---|---|"]
    for house, arrows in _houses():
        folder = ROOT / house.replace(".", "/")
        rows.append(f"| **`{folder.relative_to(ROOT)}/`** | {_purpose(folder / '__init__.py')} |")
        rows += [_row(folder, room) for wing in arrows for room in _rooms(folder / wing)]
    return "".join(f"{row}\n" for row in rows)


def _houses() -> Iterator[tuple[str, Arrows]]:
    graph = grimp.build_graph("services", "shared")
    for house in HOUSES:
        yield house, _arrows(graph, house)


def _arrows(graph: grimp.ImportGraph, house: str) -> Arrows:
    wings = sorted(wing.rpartition(".")[2] for wing in graph.find_children(house))
    shown = [wing for wing in wings if wing != ROOT_OF_COMPOSITION]
    return {
        high: frozenset(
            low
            for low in shown
            if low != high
            and graph.direct_import_exists(
                importer=f"{house}.{high}", imported=f"{house}.{low}", as_packages=True
            )
        )
        for high in shown
    }


def _needed(arrows: Arrows) -> Iterator[tuple[str, str]]:
    for high, lows in arrows.items():
        for low in sorted(lows):
            if not any(low in _below(arrows, other) for other in lows - {low}):
                yield high, low


def _below(arrows: Arrows, wing: str) -> frozenset[str]:
    return arrows[wing].union(*(_below(arrows, low) for low in arrows[wing]))


def _rooms(wing: Path) -> Iterator[Path]:
    """The wing itself, then the packages within it."""
    yield wing
    yield from sorted(file.parent for file in wing.rglob("__init__.py") if file.parent != wing)


def _row(house: Path, room: Path) -> str:
    name = room.relative_to(house)
    if room.is_dir():
        return f"| `{name}/` | {_purpose(room / '__init__.py')} |"
    return f"| `{name}.py` | {_purpose(room.with_suffix('.py'))} |"


def _purpose(file: Path) -> str:
    return " ".join((ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").split())


if __name__ == "__main__":
    DOCUMENT.write_text(told(DOCUMENT.read_text("utf-8")), "utf-8")
