"""The address that a formula names: of a link, or of a picture that is shown in the cell (pure)."""

import re

# =HYPERLINK("https://…","Front"), =IMAGE("https://…"); Google's export doubles the marks in another formula.
# Of =IMAGE("https://…/"&A2&".jpg") only a spreadsheet knows the whole.
_NAMED = re.compile(r"\b(?:HYPERLINK|IMAGE)\s*\(\s*(\"{1,2})(https?://[^\"\s]+)\1\s*[,;)]", re.IGNORECASE)


def address_in_formula(formula: str) -> str:
    named = _NAMED.search(formula)
    return named[2] if named else ""


def is_web_address(target: str) -> bool:
    return target[:8].lower().startswith(("http://", "https://"))
