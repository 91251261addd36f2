"""What the documents name of the code is there, wherever it was moved to: files, modules, targets of make."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OF_THE_PAST = {"CHANGELOG.md", "performance-notebook.md", "record.md"}
PAGES = [
    *(page for page in sorted(ROOT.glob("*.md")) if page.name not in OF_THE_PAST),
    *sorted(ROOT.glob("[!.]*/README.md")),
    *(
        page
        for page in sorted((ROOT / "docs").rglob("*.md"))
        if page.name not in OF_THE_PAST and page.parent.name != "decisions"
    ),
]
IN_FOLDERS = re.compile(r"(?<![\w/.*{}-])((?:[\w-]+/)+[\w.-]+\.(?:py|sql|js|mjs|css|toml|yaml|sh))\b")
ALONE = re.compile(r"`([\w-]+\.(?:py|sql|js|mjs|css|sh))`")
MODULE = re.compile(r"python -m ((?:bench|chaos|deploy|services|shared|tests)\b[\w.]*)")
TARGET = re.compile(r"(?:`|^    |&& )make ([a-z][\w-]*)", re.MULTILINE)
IN_CODE = re.compile(
    r"`(_?[A-Z]{4,}(?:_[A-Z]+)*|[A-Z]+(?:_[A-Z]+)+|_?[a-z]+(?:_[a-z]+)+|[A-Z][a-z]+[A-Z]\w+)`"
)
A_READERS_OWN = {"receiver.py", "receiver.mjs", "tap.py"}  # what a how-to lets its reader save
FOR_ANY = "NAME"


def test_every_page_of_today_is_among_them() -> None:
    names = {str(page.relative_to(ROOT)) for page in PAGES}
    assert {"README.md", "chaos/README.md", "docs/architecture.md", "docs/how-to/upload.md"} <= names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    """From the root, or as it lies in what the sentence speaks of."""
    text = page.read_text("utf-8")
    named = {*IN_FOLDERS.findall(text), *ALONE.findall(text)} - A_READERS_OWN
    assert [name for name in sorted(named) if FOR_ANY not in name and f"/{name}" not in _ends()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_module_that_a_page_runs_is_there(page: Path) -> None:
    modules = {name.rstrip(".") for name in MODULE.findall(page.read_text("utf-8")) if FOR_ANY not in name}
    paths = {name: name.replace(".", "/") for name in modules}
    missing = [
        name
        for name, path in paths.items()
        if not (ROOT / f"{path}.py").exists() and not (ROOT / path / "__main__.py").exists()
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_target_of_make_that_a_page_names_is_there(page: Path) -> None:
    lines = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    targets = {name for line in lines for name in line.split()}
    assert set(TARGET.findall(page.read_text("utf-8"))) - targets == set()


def test_every_name_by_which_a_recipe_finds_its_place_is_in_the_code() -> None:
    names = set(IN_CODE.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8"))) - {FOR_ANY}
    code = [path for path in _files() if path.endswith(".py") and ROOT / path != Path(__file__)]
    words = {word for path in code for word in re.findall(r"\w+", (ROOT / path).read_text("utf-8"))}
    assert len(names) > 20
    assert names - words == set()


@cache
def _ends() -> frozenset[str]:
    """Each file's path, and what is left of it from each of its folders on."""
    return frozenset(end for path in _files() for end in _ends_of(path))


def _ends_of(path: str) -> Iterator[str]:
    parts = path.split("/")
    for first in range(len(parts)):
        yield "/" + "/".join(parts[first:])


def _files() -> Iterator[str]:
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [name for name in inner if name != "node_modules" and not name.startswith(".")]
        for name in names:
            yield (Path(folder) / name).relative_to(ROOT).as_posix()
