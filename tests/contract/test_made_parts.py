"""A writer changes its own part of a page, and no page that lacks a mark."""

import pytest

from tests.writers.made_parts import END, with_part

BEGIN = "<!-- made -->\n"


def test_what_is_written_by_hand_stays_around_the_part() -> None:
    page = f"before\n{BEGIN}\nold\n{END}after\n"
    assert with_part(page, BEGIN, "new\n") == page.replace("old", "new")


@pytest.mark.parametrize("page", ["before\n", f"before\n{BEGIN}\nold\n", f"old\n{END}after\n"])
def test_a_page_that_lacks_a_mark_is_an_error(page: str) -> None:
    with pytest.raises(ValueError, match="no part from <!-- made --> to <!-- end -->"):
        with_part(page, BEGIN, "new\n")
