"""docs/what-happens-when.md tells every failure code as the code means it."""

from tests.contract.failure_codes import PAGE, with_table


def test_the_table_of_failure_codes_is_that_of_the_code() -> None:
    """After a code has changed: `python -m tests.contract.failure_codes`."""
    page = PAGE.read_text()
    assert page == with_table(page)
