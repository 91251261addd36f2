"""R27: answers that come late, or in another order than they were made, never turn the page back."""

from pathlib import Path

import pytest

from tests.unit.status.page.in_node import names_in, run

STORIES = Path(__file__).with_name("stories.mjs")
NAMES = names_in(STORIES)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_not_turned_back_by(name: str) -> None:
    run(STORIES, name)


def test_there_are_stories() -> None:
    assert len(NAMES) > 3
