"""`python -m tests.writers.limits` writes docs/limits.md anew: run it after a bound has changed."""

from tests.writers.limits.page import PAGE, with_tables

PAGE.write_text(with_tables(PAGE.read_text()))
