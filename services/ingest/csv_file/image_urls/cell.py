"""What is wrong with an image URL as it is written (pure)."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from services.ingest.csv_file.image_urls.endings import IMAGE_ENDING
from services.ingest.url_host import MAX_HOST_CHARACTERS, NO_HOST, host_fault
from shared.contract.limits import MAX_URL_CHARACTERS

LOOKED_AT_CHARACTERS = 2_000  # of a cell
LONGEST_ENDING = 40  # of the file's name, with its version

_LAST_SPACE = 0x3000  # of Unicode
_INVISIBLE = (  # comes along when something is copied from a page, or from a list in Arabic or Hebrew
    "\u200b\u200c\u200d\u2060\ufeff"
    "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # which way to read
)
BLANK = "".join(filter(str.isspace, map(chr, range(_LAST_SPACE + 1)))) + _INVISIBLE
_IS_SHORT = rf"(?![^/]{{{MAX_HOST_CHARACTERS + 1}}})"  # a host, whatever its labels
# Without a colon in its path: it holds no second address.
_PLAIN = re.compile(
    rf"https?://{_IS_SHORT}(?:[a-z0-9](?:[a-z0-9-]{{0,62}})\.){{1,8}}[a-z]{{2,62}}(?:/[!-9;-~]*)?",
    re.IGNORECASE,
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BEGINS = re.compile(r"\s*https?://", re.IGNORECASE)
_IMAGE_FILE = re.compile(rf"{IMAGE_ENDING}(?![\w.])", re.IGNORECASE)
_BEHIND_NAME = re.compile(rf"{IMAGE_ENDING} \(https?://[^()\s]+\)\Z", re.IGNORECASE)
# What a shop puts behind a file's name to tell its versions apart goes with it.
_WHOLE = re.compile(rf"{IMAGE_ENDING}(?:\?v=\d+)?\s*\Z", re.IGNORECASE)
_SEPARATED = re.compile(r"[,;|]")
_LESS_THAN_ADDRESS = re.compile(  # a name, a path from the root, or what begins otherwise than an address
    rf"(?:(?:[a-z][a-z0-9+.-]{{0,15}}:)?/{{1,3}}(?:[^/?#]+/)*|www\.(?:[^/?#]+/)+)?[^/?#]+{IMAGE_ENDING}(?:\?[^?#]*)?",
    re.IGNORECASE,
)
_EMBEDS = "/=?&:@%(!,"  # what stands before an address that is part of another: a proxy's, an archive's
_BEHIND_FILE = "/&:@!(,%)" + BLANK  # and what stands behind a file, and is no part of it
_LABEL = re.compile(r"([|;,](?: & |[^|;,/?#=:&]){1,80})[=:]")
_LABEL_CHARACTERS = 80 * len(" & ") + 2  # at most, with its separator and its sign
_PARAMETER = re.compile(r"[a-z][a-z0-9_-]*")


def begins_address(text: str) -> bool:
    return _BEGINS.match(text) is not None


def is_image_address(text: str) -> bool:
    """Whether by its looks, or by the file's name in front of it, an image's file is there."""
    if not begins_address(text):
        return _BEHIND_NAME.search(text[-LOOKED_AT_CHARACTERS:]) is not None
    return _IMAGE_FILE.search(text[:LOOKED_AT_CHARACTERS]) is not None


def ends_with_image_file(text: str) -> bool:
    """Whether its last address is whole: what stands in the next cell is no part of it."""
    return _WHOLE.search(text, max(0, len(text) - LONGEST_ENDING)) is not None


def is_named_in_query(text: str) -> bool:
    """Whether the file at its end stands behind a question mark: the query may go on."""
    return "?" in text.rpartition(".")[0]


def is_label(label: str, address: str) -> bool:
    """Whether it says what the next image shows, from its separator on: `https://…/1.jpg|Blue=https://…`.
    In small letters it may be a parameter, `https://…/1.jpg;v=https://…`, and in a query part of it.
    """
    separator, words = label[0], label[1:]
    if "," in words:
        return False  # part of it may be part of the address
    is_behind_file = ends_with_image_file(address) and not is_named_in_query(address)
    if _PARAMETER.fullmatch(words):
        return is_behind_file and separator == "|"
    return is_behind_file or (separator == "|" and ends_with_image_file(address.partition("?")[0]))


def names_image_file(text: str) -> bool:
    """Whether it tells an image's file by less than its address."""
    if len(text) > LOOKED_AT_CHARACTERS or begins_address(text):
        return False
    return _LESS_THAN_ADDRESS.fullmatch(text.strip()) is not None


def url_fault(url: str) -> str | None:
    """What is wrong with the URL as written, as the end of a sentence; None when nothing is."""
    if len(url) > MAX_URL_CHARACTERS:
        return f"is longer than {MAX_URL_CHARACTERS:,} characters"
    fault = None if _PLAIN.fullmatch(url) else _fault_of_any(url)
    if fault is None and further_files(url):
        return "is followed by another image that is not written in full"
    return fault


def _fault_of_any(url: str) -> str | None:
    if CONTROL.search(url):
        return "holds a control character or a line break"
    if not begins_address(url):
        return "is not an http or https URL"
    if second_address(url) is not None:
        return "holds two addresses that run together"
    return _authority_fault(url)


def second_address(url: str) -> int | None:
    """Where another address begins that is no part of the first one."""
    further = address_starts(url, len("https://"))
    return next((start for start in further if not _is_embedded(url, start)), None)


def further_files(url: str) -> list[str]:
    """What stands behind an address and tells other files by less than theirs: `https://…/1.jpg, 2.jpg`. In a
    query they are part of it.
    """
    if not ("," in url or ";" in url or "|" in url):
        return []
    pieces = _SEPARATED.split(url)
    first = len(pieces)
    while first > 1 and (not pieces[first - 1].strip() or names_image_file(pieces[first - 1])):
        first -= 1
    while first < len(pieces) and not ends_with_image_file(pieces[first - 1]):
        first += 1  # `…/a,1.jpg` is the name of one file
    address = url[: len(",".join(pieces[:first]))]
    if not begins_address(address) or is_named_in_query(address):
        return []
    return [name.strip() for name in pieces[first:] if name.strip()]


def address_starts(text: str, look_from: int) -> Iterator[int]:
    """Where addresses begin. No regular expression: on a hostile cell of megabytes one would hold the
    interpreter, and with it the event loop, for too long.
    """
    colon = text.find("://", look_from)
    while colon != -1:
        before = text[max(colon - len("https"), 0) : colon].lower()
        if before.endswith(("http", "https")):
            yield colon - (len("https") if before == "https" else len("http"))
        colon = text.find("://", colon + len("://"))


def _is_embedded(url: str, start: int) -> bool:
    before = url[start - 1]
    if before == "&":
        return "?" in url[:start]
    label = _label_before(url, start) if before in "=:" else None
    if label is not None and is_label(label[1], url[: label.start()]):
        return False
    return before in _EMBEDS and not ends_with_image_file(url[:start].rstrip(_BEHIND_FILE))


def _label_before(url: str, start: int) -> re.Match[str] | None:
    """Only from the last separator on: an address may hold a thousand, and as many others."""
    nearest = max(0, start - _LABEL_CHARACTERS)
    begin = max(url.rfind(separator, nearest, start) for separator in "|;,")
    return None if begin == -1 else _LABEL.fullmatch(url, begin, start)


def _authority_fault(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return NO_HOST
    if "@" in parts.netloc:
        return "holds a user name or password"
    return host_fault(host, port)
