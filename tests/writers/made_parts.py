"""The part of a page that is made from the code, between two marks; all around it is written by hand."""

END = "<!-- end -->\n"


def with_part(page: str, begin: str, made: str) -> str:
    """The page with this in the place of what stood between `begin` and the end."""
    before, begun, rest = page.partition(begin)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise ValueError(f"there is no part from {begin.strip()} to {END.strip()}")
    return f"{before}{begin}\n{made}{END}{after}"
