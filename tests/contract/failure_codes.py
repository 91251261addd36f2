"""The table of failure codes in docs/what-happens-when.md, made of the codes themselves.

`python -m tests.contract.failure_codes` writes it anew: run it after a code or its meaning has changed.
"""

from pathlib import Path

from shared.contract.codes import Code, FailureCode, Fixer, Meaning, http_code, meaning_of
from tests.contract.made_parts import with_part

PAGE = Path(__file__).parents[2] / "docs" / "what-happens-when.md"
BEGIN = "<!-- made by python -m tests.contract.failure_codes -->\n"
HEAD = "| code | what it says | who can mend it | tried again by itself |\n|---|---|---|---|\n"
WHO = {
    Fixer.UPLOADER: "you, in your list",
    Fixer.ORIGIN: "the host of the image",
    Fixer.OPERATOR: "who runs Pixmill",
}
EXAMPLES_OF_HTTP = (http_code(404), http_code(429), http_code(503))


def table() -> str:
    codes: tuple[Code, ...] = (*FailureCode, *EXAMPLES_OF_HTTP)
    return HEAD + "".join(_row(code, meaning_of(code)) for code in codes)


def _row(code: Code, meaning: Meaning) -> str:
    again = "yes" if meaning.retryable else "no"
    return f"| `{code}` | {meaning.hint} | {WHO[meaning.fixer]} | {again} |\n"


def with_table(page: str) -> str:
    return with_part(page, BEGIN, table() + "\n")


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
