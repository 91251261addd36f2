"""`python -m tests.contract.limits` writes docs/limits.md anew: run it after a bound has changed."""

from tests.contract.limits.page import PAGE, with_tables

PAGE.write_text(with_tables(PAGE.read_text()))
