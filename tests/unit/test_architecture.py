"""docs/architecture.md tells of wings and files as they are, and unit tests lie in folders of their names."""

import re
from pathlib import Path

import pytest

from shared.contract.principals import Principal
from shared.contract.topic_declarations import read_declarations
from tests.writers.wings import DOCUMENT, HOUSES, ROOT, told

NAMED = re.compile(r"`([\w.-]+(?:/[\w.-]*)+|\w+\.py)`")
TOPS = ("services", "shared", "deploy")
SERVICE = re.compile(r"services/\w+")
TOPIC_ROW = re.compile(r"^\| ([a-z]+\.[a-z]+) \| (\w+) \| ([^|]+) \| (\S+) \|", re.MULTILINE)


def test_the_picture_and_the_table_of_the_wings_are_those_of_the_code() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert text == told(text), "run: python -m tests.writers.wings"


def test_every_file_that_the_walk_of_one_upload_comes_by_is_there() -> None:
    """A file is named from the root, or as it lies in the service that was named last."""
    _, _, walk = DOCUMENT.read_text("utf-8").partition("## The walk of one upload")
    walk, _, _ = walk.partition("\n## ")
    service, missing = Path(), []
    for name in NAMED.findall(walk):
        if found := SERVICE.match(name):
            service = Path(found[0])
        if not (ROOT / name).exists() and not (ROOT / service / name).exists():
            missing.append(name)
    assert len(NAMED.findall(walk)) > 20
    assert missing == []


def test_every_file_that_is_named_anywhere_is_somewhere() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert [name for name in sorted(set(NAMED.findall(text))) if not _is_somewhere(name)] == []


def test_the_table_of_topics_is_as_they_are_declared() -> None:
    told_by_table = TOPIC_ROW.findall(DOCUMENT.read_text("utf-8"))
    declared = [
        (each.topic.value, each.owner.value, ", ".join(map(_reader, each.readers)), each.key)
        for each in read_declarations().values()
    ]
    assert sorted(told_by_table) == sorted(declared)


@pytest.mark.parametrize("house", HOUSES)
def test_the_folders_of_the_unit_tests_are_named_as_those_of_the_code(house: str) -> None:
    code = ROOT / house.replace(".", "/")
    tests = ROOT / "tests" / "unit" / code.name
    folders = {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")}
    assert [str(folder) for folder in folders if not (code / folder).is_dir()] == []


def _is_somewhere(name: str) -> bool:
    """From the root, or as it lies in whichever folder the sentence is about."""
    return (ROOT / name).exists() or any(any((ROOT / top).rglob(name.rstrip("/"))) for top in TOPS)


def _reader(reader: Principal) -> str:
    return "anyone" if reader is Principal.TAP else reader.value
