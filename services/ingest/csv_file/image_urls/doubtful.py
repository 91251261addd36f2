"""Whether an image URL can be fetched as it is written and was probably meant otherwise (pure)."""

import re
from enum import Enum, auto

from services.ingest.csv_file.image_urls.endings import IMAGE_ENDING


class Doubt(Enum):
    ESCAPED = auto()  # copied out of a page's HTML
    FOLLOWED = auto()  # by words that are probably no part of it


_ESCAPED = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)
# It takes no step back: a hostile address would else cost as much as thousands of others.
_FOLLOWED = re.compile(  # unless that is still a path, a query or the name of a file: `…/1.jpg copy.jpg`
    rf"{IMAGE_ENDING}(?:\?[^\s?]*+)?+\s++(?![^.]*+\.\w{{3,4}}\b)[^/?#&=]++\Z",
    re.IGNORECASE,
)


def doubt_about(url: str) -> Doubt | None:
    """For a URL in which `url_fault` finds nothing wrong."""
    if ";" in url and _ESCAPED.search(url):
        return Doubt.ESCAPED
    return Doubt.FOLLOWED if " " in url and _FOLLOWED.search(url) else None
