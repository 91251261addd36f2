"""Says what to do about an address that cannot be an image's, in words for whoever keeps the list (pure).

It sees only what `url_fault` has refused, and of a very long text only the beginning.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import lru_cache
from urllib.parse import unquote, urljoin

from services.ingest.csv_file.image_urls.cell import CONTROL, further_files, second_address, url_fault
from services.ingest.csv_file.image_urls.endings import IMAGE_ENDING
from services.ingest.csv_file.image_urls.listed import split_urls
from services.ingest.csv_file.verdicts import shown_value
from shared.contract.limits import MAX_URL_CHARACTERS

LOOKED_AT_CHARACTERS = MAX_URL_CHARACTERS
SHOWN_CHARACTERS = 100
LAST_PORT = 65_535
EXAMPLE = "https://shop.example/1.jpg"

_IN_FULL = f"Write each address in full, as in {EXAMPLE}, separated by commas."
_TOO_LONG = "The address is too long: give a shorter one, without what follows a question mark."
_ON_THE_WEB = f"put the image on your website or an image host and write its address there, as in {EXAMPLE}."

_HTTP = re.compile(r"https?://", re.IGNORECASE)
_HOST_ENDS = re.compile(r"[/?#\\]")
_AUTHORITY_ENDS = re.compile(r"[/?#]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,15})\s*(?:[:;.,]\s*)?([/\\]{1,3})[:/\\]*\s*", re.IGNORECASE)
_WITHOUT_SLASHES = re.compile(r"(https?)\s*:\s*(?=(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}/)", re.IGNORECASE)
_NOT_IN_ADDRESS = re.compile(r"[\s\"'<>)\];«»\u2018-\u201f]")
_NOT_THE_WEB = re.compile(r"(?:s?ftps?|s3|gs|smb|scp|ssh|dav|rsync|about|mailto):", re.IGNORECASE)
_LOCAL = re.compile(
    r"file:|[a-z]:[\\/]|\\|~[\\/]|\.{1,2}[\\/]"
    r"|/(?:home|users|tmp|mnt|var|volumes|root|opt|srv|etc|private|usr)/",
    re.IGNORECASE,
)
_IN_CELL = re.compile(  # as WPS Office writes, and in base64 a PNG, JPEG, GIF or WebP, as Odoo does
    r"(?i:data:|=?(?:_xlfn\.)?DISPIMG\()|(?:iVBORw0K|/9j/|R0lGOD|UklGR)[\w+/]{40}"
)
_IN_BROWSER = "blob:"  # what a page has drawn or loaded, in the memory of one browser
_PICTURE_OR_ERROR = "#VALUE!"  # as Excel keeps a picture in a cell for all who cannot read it
_SHEET_ERROR = re.compile(
    r"#(?:N/A|NV|N/D|REF|VALUE|NAME|DIV/0|NULL|NUM|SPILL|CALC|FIELD|CONNECT|BLOCKED|UNKNOWN|ERROR|BEZUG|WERT|ZAHL"
    r"|ÜBERLAUF|NOM|VALEUR|NOMBRE|VALOR|RIF|VALORE|NOME|ИМЯ|ЗНАЧ|ССЫЛКА|\u041d/\u0414)[!?¿¡]?|Loading\.{3}",
    re.IGNORECASE,
)
_END_OF_ADDRESS = re.compile(r"/?(?:[^\s:/?#]+/)+[^\s/?#]+\.\w{2,5}(?:[?#]\S*)?|/[^\s:/?#]\S*")
_FILE_NAME = re.compile(rf"[^/\\?#]*[^/\\?#\s]{IMAGE_ENDING}", re.IGNORECASE)  # no sentence: `a .jpg or .png`
_ATTEMPT = re.compile(  # also within a text; a formula, and the path of any file
    rf"""://\w|www\.\w|<img\b|data:image|\A=|[\w)]{IMAGE_ENDING}\W*\Z|[/\\][^/\\]*\w\.[^\W\d_]\w{{1,4}}\b""",
    re.IGNORECASE,
)
_WEB_NAME = re.compile(r"(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?::\d{1,5})?(?:[/?#]\S*)?")
_NOTHING = re.compile(
    r"[-\u2013\u2014?.#_\s]*|n\.?/?a\.?|none|null|\\n|nil|false|0|no|no image|tbd|tba|undefined|nan"
    r"|character\(0\)",  # as R writes an empty list
    re.IGNORECASE,
)


def is_placeholder(text: str) -> bool:
    """Whether the text says that there is no image."""
    return _NOTHING.fullmatch(text) is not None


def is_inline_image(text: str) -> bool:
    """Whether the image itself stands there; behind `data:` with a comma in it."""
    return _IN_CELL.match(text) is not None


def is_file_name(text: str) -> bool:
    """Whether it is an image's file, without a folder."""
    return _FILE_NAME.fullmatch(text) is not None


def is_attempt(text: str) -> bool:
    """Whether somebody meant an image with it, and no sentence, though it is no address."""
    if _ATTEMPT.search(text):
        return True
    return any(hint(text) is not None for hint in _HINTS if hint is not _address_inside)


def url_hint(url: str) -> str:
    """One sentence or two; never empty."""
    text = url[:LOOKED_AT_CHARACTERS].strip()
    for hint in _HINTS:
        found = hint(text)
        if found is not None:
            return found
    return f"This is no web address. {_IN_FULL}"


def _placeholder(text: str) -> str | None:
    if is_placeholder(text):
        return (
            "Write the image's address. Where there is none, remove the row, or upload with on_invalid=skip."
        )
    return None


def _two_in_one(text: str) -> str | None:
    second = second_address(text) if _HTTP.match(text) else None
    if second is None:
        return None
    if text[second - 1] in "=:":  # behind a label
        next_one = _shown(text[second:])
        return f"Leave only the addresses in the cell, separated by commas: the next one is {next_one}."
    return f"Put a comma between the addresses, before {_shown(text[second:])}."


def _files_behind(text: str) -> str | None:
    files = further_files(text)
    if not files:
        return None
    whole = urljoin(text, files[0])
    if not _HTTP.match(whole) or files[0].lower().startswith("www."):
        return url_hint(files[0])
    return f"Write all addresses in full, separated by commas: the next one is {_shown(whole)}."


def _in_full(text: str) -> str | None:
    """The address begins as it should, and something in it is wrong."""
    scheme = _HTTP.match(text)
    if scheme is None:
        return None
    begin, rest = scheme.group(), text[scheme.end() :]
    host = _HOST_ENDS.split(rest, maxsplit=1)[0]
    if CONTROL.search(text):
        return "Delete the line break or invisible character inside the address, or paste the address again."
    if "\\" in _AUTHORITY_ENDS.split(rest, maxsplit=1)[0]:
        mended = begin + _slashed(rest)
        return f"Write / instead of \\: {_shown(mended)}."
    if "@" in host:
        bare = _shown(begin + rest.partition("@")[2])
        return f"Remove the user name and password before the @: {bare}. Everybody must be able to open it."
    if _HTTP.match(rest):
        return f"The address begins twice with http; write {_shown(rest)}."
    is_cut_off = url_fault(text) is None  # this beginning would do
    return _TOO_LONG if is_cut_off else _host_hint(begin, host)


def _host_hint(begin: str, host: str) -> str:
    if not host:
        return f"The website's name is missing after {begin}; write it, as in {EXAMPLE}."
    if re.search(r"\s", host):
        return "Remove the space from the website's name."
    if _WEB_NAME.fullmatch(host):
        port = host.partition(":")[2]
        if port and not 0 < int(port) <= LAST_PORT:
            return f"Leave out the port :{port}, or give one from 1 to {LAST_PORT:,}."
        return _TOO_LONG
    return f"Check the website's name '{_shown(host)}': letters, digits, hyphens and dots, as in {EXAMPLE}."


def _address_inside(text: str) -> str | None:
    """An address, or several, stand inside a formula, the HTML of a link, quotation marks, a list."""
    begins = [found.start() for found in _HTTP.finditer(text)]
    if not begins:
        return None
    addresses = list(
        dict.fromkeys(_NOT_IN_ADDRESS.split(text[begin:], maxsplit=1)[0] for begin in begins[:3])
    )
    if len(addresses) > 1:
        both = _shown(", ".join(addresses[:2]))
        return f"Leave only the addresses in the cell, separated by commas, as in {both}."
    if text[0] in "[{(":
        return "This list holds something besides addresses: leave only the addresses, separated by commas."
    return f"Leave only the address in the cell: {_shown(addresses[0])}."


def _sheet_error(text: str) -> str | None:
    if text == _PICTURE_OR_ERROR:
        return f"A picture stands in the cell, or a formula that could not be worked out: {_ON_THE_WEB}"
    if _SHEET_ERROR.fullmatch(text):
        return (
            f"The spreadsheet could not work this cell out ({text}): write the image's address in its place."
        )
    return None


def _full_width(text: str) -> str | None:
    half_width = unicodedata.normalize("NFKC", text)
    if half_width != text and _HTTP.match(half_width) and not _HTTP.match(text):
        return f"Some characters are full-width ones; write {_shown(half_width)}."
    return None


def _escaped(text: str) -> str | None:
    """As addresses stand within others, and in the HTML of a page."""
    urls = [] if _HTTP.match(text) else split_urls(unquote(html.unescape(text)))
    if urls and not any(map(url_fault, urls)):
        return f"Some characters are escaped; write {_shown(', '.join(urls))}."
    return None


def _inline_image(text: str) -> str | None:
    if is_inline_image(text):
        return f"The image itself stands in the cell: {_ON_THE_WEB}"
    return None


def _in_browser(text: str) -> str | None:
    if text[: len(_IN_BROWSER)].lower() == _IN_BROWSER:
        return f"This leads to nothing but one browser's memory: {_ON_THE_WEB}"
    return None


def _not_the_web(text: str) -> str | None:
    if _NOT_THE_WEB.match(text):
        return f"Only http and https addresses are fetched: {_ON_THE_WEB}"
    return None


def _without_scheme(text: str) -> str | None:
    if text.startswith("//"):
        return f"Write https: in front of it: {_shown('https:' + text)}."
    looks_like_one = re.match(r"www\.", text, re.IGNORECASE) or re.search(r"[/?:]", text)
    if looks_like_one and not is_file_name(text) and _WEB_NAME.fullmatch(text):
        return f"Write https:// in front of it: {_shown('https://' + text)}."
    return None


def _on_a_computer(text: str) -> str | None:
    if _LOCAL.match(text) or is_file_name(text):
        return f"This is a file on a computer, which nobody else can reach: {_ON_THE_WEB}"
    return None


def _misspelt_scheme(text: str) -> str | None:
    scheme = _SCHEME.match(text) or _WITHOUT_SLASHES.match(text)
    if scheme is None or not _is_nearly_http(scheme.group(1).lower()):
        return None
    rest = _slashed(text[scheme.end() :])
    return f"The beginning is misspelt; write {_shown('https://' + rest)}."


def _slashed(text: str) -> str:
    r"""JSON writes a slash as `\/`, and Windows as a backslash."""
    return text.replace("\\/", "/").replace("\\", "/")


@lru_cache  # a misspelt scheme is usually misspelt in every row
def _is_nearly_http(scheme: str) -> bool:
    return bool(get_close_matches(scheme, ("http", "https")))


def _end_of_an_address(text: str) -> str | None:
    if _END_OF_ADDRESS.fullmatch(text) is None:
        return None
    whole = _shown(f"https://shop.example/{text.removeprefix('/')}")
    return f"This is only the end of an address; write all of it, as in {whole}."


_HINTS: Sequence[Callable[[str], str | None]] = (
    _placeholder,
    _sheet_error,
    _full_width,
    _escaped,
    _two_in_one,
    _files_behind,
    _in_full,
    _in_browser,
    _address_inside,
    _inline_image,
    _not_the_web,
    _without_scheme,
    _misspelt_scheme,
    _on_a_computer,
    _end_of_an_address,
)


def _shown(text: str) -> str:
    return shown_value(text, SHOWN_CHARACTERS)
