"""The part of a page that is made from the code, between two marks; all around it is written by hand."""

END = "<!-- end -->\n"


def with_part(page: str, begin: str, made: str) -> str:
    """The page with this in the place of what stood between `begin` and the end."""
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(END)
    return f"{before}{begin}\n{made}{END}{after}"
