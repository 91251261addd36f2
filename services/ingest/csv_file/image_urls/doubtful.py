"""Whether an image URL can be fetched as it is written and was probably meant otherwise (pure)."""

import re
from enum import Enum, auto

from services.ingest.csv_file.image_urls.endings import IMAGE_ENDING


class Doubt(Enum):
    ESCAPED = auto()  # copied out of a page's HTML
    FOLLOWED = auto()  # by words that are probably no part of it
    UNSEEN = auto()  # a character is, which came along from a page or a chat
    PAGE = auto()  # by which people share an image: what comes is no image


_ESCAPED = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)
# Not what joins letters or keeps them apart, which names in Persian or Hindi have: \u200c, \u200d.
_UNSEEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
# It takes no step back: a hostile address would else cost as much as thousands of others.
_FOLLOWED = re.compile(  # unless that is still a path, a query or the name of a file: `…/1.jpg copy.jpg`
    rf"{IMAGE_ENDING}(?:\?[^\s?]*+)?+\s++(?![^.]*+\.\w{{3,4}}\b)[^/?#&=]++\Z",
    re.IGNORECASE,
)

# Where such pages are; what is said of none of these hosts may be said in blocks (`usual/form.py`).
SHARING_HOST = (
    r"(?:www\.)?(?:(?:drive|docs|photos)\.google\.com|photos\.app\.goo\.gl|dropbox\.com|1drv\.ms|onedrive\.live\.com"
    r"|share\.icloud\.com|icloud\.com|imgur\.com|ibb\.co|postimg\.cc|wetransfer\.com|we\.tl"
    r"|(?:[a-z0-9-]{1,40}\.){0,2}box\.com/s|github\.com/[\w.-]{1,100}/[\w.-]{1,100}/blob|mega\.nz/file"
    r"|disk\.yandex\.(?:ru|com)/[di]|yadi\.sk/[di]|pan\.baidu\.com/s|pinterest\.com/pin|instagram\.com/p)/"
)
# What is SharePoint's has a colon in its path, which no address that is judged in a block has.
_SHARED = re.compile(rf"https?://(?:{SHARING_HOST}|[a-z0-9-]+\.sharepoint\.com/:)")
# On the same hosts: the file itself.
_DIRECT = re.compile(
    r"[?&](?:raw|dl|download)=(?:1|true)\b|\.com/(?:uc|thumbnail|download)\b|\.com/[^/]+\.\w{3,4}\Z",
    re.IGNORECASE,
)


def doubt_about(url: str) -> Doubt | None:
    """For a URL in which `url_fault` finds nothing wrong."""
    if ";" in url and _ESCAPED.search(url):
        return Doubt.ESCAPED
    if not url.isascii() and _UNSEEN.search(url):
        return Doubt.UNSEEN
    if _SHARED.match(url) and not _DIRECT.search(url):
        return Doubt.PAGE
    return Doubt.FOLLOWED if " " in url and _FOLLOWED.search(url) else None
