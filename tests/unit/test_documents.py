"""The documents hold what they say: links lead somewhere, and each requirement has a test that names it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
ROWS = [f"R{number:02}" for number in range(1, 27)]
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")


def links(document: Path) -> Iterator[Path]:
    for target in LINK.findall(document.read_text()):
        if "://" not in target:
            yield (document.parent / target).resolve()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_relative_link_of_a_document_leads_somewhere(document: Path) -> None:
    assert [link for link in links(document) if not link.exists()] == []


def test_the_readme_names_its_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    assert "make demo" in text
    assert "make test" in text


@pytest.mark.parametrize("row", ROWS)
def test_each_requirement_has_tests_that_name_it_or_says_what_is_missing(row: str) -> None:
    (line,) = [line for line in requirement_lines() if line.startswith(f"| {row} |")]
    tests = [(ROOT / "docs" / target).resolve() for target in LINK.findall(line) if "tests/" in target]
    missing = line.split("|")[-2].strip()
    assert tests or missing
    assert [test for test in tests if not re.search(rf"\b{row}\b", test.read_text())] == []


def requirement_lines() -> list[str]:
    return (ROOT / "docs" / "requirements.md").read_text().splitlines()
