"""The tables of failure codes and problem types in docs/what-happens-when.md, in the words of their pages.

`python -m tests.writers.failure_codes` writes them anew: run it after a code, a type or a word has changed.
"""

from collections.abc import Iterator
from pathlib import Path

from services.status.rendering.failure_words import WHO, advice_of
from shared.contract.codes import Code, FailureCode, http_code, meaning_of
from shared.web.pages.problem_kinds import KINDS
from shared.web.problems import PROBLEM_TYPES
from tests.writers.made_parts import with_part

PAGE = Path(__file__).parents[2] / "docs" / "what-happens-when.md"
CODES_BEGIN = "<!-- made by python -m tests.writers.failure_codes -->\n"
KINDS_BEGIN = "<!-- problem types, made by python -m tests.writers.failure_codes -->\n"
EXAMPLES_OF_HTTP = tuple(map(http_code, (403, 404, 429, 503)))


def _codes() -> Iterator[str]:
    yield "| code | what it says | who can mend it | tried again by itself | what to do |"
    yield "|---|---|---|---|---|"
    codes: tuple[Code, ...] = (*FailureCode, *EXAMPLES_OF_HTTP)
    for code in codes:
        meaning = meaning_of(code)
        again = "yes" if meaning.retryable else "no"
        yield f"| `{code}` | {meaning.hint} | {WHO[meaning.fixer]} | {again} | {advice_of(code)} |"


def _kinds() -> Iterator[str]:
    yield "| type | what it means | who can mend it | what to do |"
    yield "|---|---|---|---|"
    for name, kind in KINDS.items():
        yield f"| `{PROBLEM_TYPES}{name}` | {kind.meaning} | {kind.mender} | {kind.advice} |"


def with_tables(page: str) -> str:
    for begin, lines in ((CODES_BEGIN, _codes()), (KINDS_BEGIN, _kinds())):
        page = with_part(page, begin, "".join(f"{line}\n" for line in lines) + "\n")
    return page


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text()))
