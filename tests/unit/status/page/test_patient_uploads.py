"""R27: an upload is given up where nobody takes it any more, and not where the line is slow."""

from pathlib import Path

import pytest

from tests.unit.status.page.in_node import names_in, run

STORIES = Path(__file__).with_name("uploads.mjs")
NAMES = names_in(STORIES)


@pytest.mark.parametrize("name", NAMES)
def test_an_upload_waits_as_long_as_it_should(name: str) -> None:
    run(STORIES, name)


def test_there_are_stories() -> None:
    assert len(NAMES) > 3
