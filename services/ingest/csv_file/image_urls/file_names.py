"""The name of an image's file, as its address has it: a product's name where nothing else names it (pure)."""

import re
from urllib.parse import unquote, urlsplit

LONGEST_NAME = 200
_NOT_IN_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}$")


def name_of_file(url: str) -> str:
    """Never empty: the host's name where the address has no path."""
    parts = urlsplit(url)
    last = next(filter(None, reversed(parts.path.split("/"))), "")
    name = _NOT_IN_NAME.sub("", unquote(last)).strip()
    return (_EXTENSION.sub("", name) or name or parts.netloc)[:LONGEST_NAME]
