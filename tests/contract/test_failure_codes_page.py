"""docs/what-happens-when.md tells every code there is: of images and calls in the words of their pages."""

import re

from services.ingest.csv_file.verdicts import ErrorCode, WarningCode
from tests.writers.failure_codes import PAGE, with_tables


def test_the_tables_of_codes_and_types_are_those_of_the_code() -> None:
    """After a code or a type has changed: `python -m tests.writers.failure_codes`."""
    page = PAGE.read_text()
    assert page == with_tables(page)


def test_every_mistake_and_every_warning_of_a_list_is_told() -> None:
    """R03"""
    _, _, told = PAGE.read_text().partition("\n## Mistakes in a list\n")
    mistakes, _, warnings = told.partition("\n## Warnings of a list\n")
    assert _codes(mistakes) == set(ErrorCode)
    assert _codes(warnings) == set(WarningCode)


def _codes(section: str) -> set[str]:
    first_cells = re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)
    return {code for cell in first_cells for code in re.findall(r"`(\w+)`", cell)}
