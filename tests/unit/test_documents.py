"""The documents hold what they say: links lead somewhere, and each requirement has a test that names it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.services import PARTITIONS
from shared.contract.events import ImageFormat
from shared.rights import table
from shared.settings import ServiceSettings
from tests.worlds.deployment.deployed import SERVICES, settings_of

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("[!.]*/*.md")),
    *sorted((ROOT / "docs").glob("*/*.md")),
]
ROWS = [f"R{number:02}" for number in range(1, 31)]
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
SECTION_LINK = re.compile(r"\]\(([^)#:]*)#([^)]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def links(document: Path) -> Iterator[Path]:
    for target in LINK.findall(document.read_text()):
        if "://" not in target:
            yield (document.parent / target).resolve()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_relative_link_of_a_document_leads_somewhere(document: Path) -> None:
    assert [link for link in links(document) if not link.exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_link_to_a_section_finds_its_heading(document: Path) -> None:
    for target, section in SECTION_LINK.findall(document.read_text()):
        assert section in sections(document.parent / target if target else document)


def sections(document: Path) -> set[str]:
    """As GitHub and its like name them."""
    headings = HEADING.findall(document.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_a_curl_that_is_silent_tells_its_errors(document: Path) -> None:
    """With -s alone it says nothing of a file or a server that is not there."""
    silent = re.findall(r"\bcurl -\w*s\w*", document.read_text())
    assert [flags for flags in silent if "S" not in flags] == []


def test_the_readme_names_its_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    assert "make demo" in text
    assert "make test" in text


def test_what_the_tutorial_quotes_of_the_page_stands_there() -> None:
    """R16: a reader looks for these very words."""
    walk = (ROOT / "docs/tutorial.md").read_text().partition("\n## 2. The page\n")[2].partition("\n## ")[0]
    quoted = re.findall(r"(?<!\*)\*(?:\*\*)?([^*\n]+?)(?:\*\*)?\*(?!\*)", walk)
    assert len(quoted) >= 10
    words = (ROOT / "services/status/page/words/en.js").read_text()
    assert [each for each in quoted if f'"{each}"' not in words] == []


@pytest.mark.parametrize("row", ROWS)
def test_each_requirement_has_tests_that_name_it_or_says_what_is_missing(row: str) -> None:
    (line,) = [line for line in requirement_lines() if line.startswith(f"| {row} |")]
    tests = [(ROOT / "docs" / target).resolve() for target in LINK.findall(line) if "tests/" in target]
    missing = line.split("|")[-2].strip()
    assert tests or missing
    assert [test for test in tests if not re.search(rf"\b{row}\b", test.read_text())] == []


OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def named(text: str) -> set[str]:
    return set(re.findall(r"`([A-Z][A-Z_]+)`", text))


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_of_a_service_stands_in_its_row_and_nothing_else(service: str) -> None:
    _, _, settings = OPERATIONS.partition("\n## Settings\n")
    (row,) = [line for line in settings.splitlines() if line.startswith(f"| {service} |")]
    own = settings_of(service).model_fields.keys() - ServiceSettings.model_fields.keys()
    assert named(row) == {name.upper() for name in own}


def test_every_setting_that_all_services_have_is_spoken_of() -> None:
    assert {name.upper() for name in ServiceSettings.model_fields} <= named(OPERATIONS)


def test_the_documented_rights_are_those_that_are_granted() -> None:
    """R20: `python -m shared.rights` prints the table."""
    assert "\n".join(table()) in OPERATIONS


def test_the_documented_partitions_of_a_local_stack_are_those_it_has() -> None:
    assert f"`IMAGE_REQUESTED_PARTITIONS={PARTITIONS}`" in OPERATIONS


def test_the_formats_that_may_be_asked_for_are_all_named() -> None:
    *others, last = ImageFormat
    assert f"`format` {'|'.join(ImageFormat)} (keep)" in (ROOT / "docs" / "api.md").read_text()
    command = (ROOT / "docs" / "command.md").read_text()
    assert f"| `--format FORMAT` | {', '.join(others)} or {last}. |" in command


def requirement_lines() -> list[str]:
    return (ROOT / "docs" / "requirements.md").read_text().splitlines()
