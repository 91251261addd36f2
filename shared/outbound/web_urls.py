"""Addresses of the web as browsers read them (pure): from how somebody wrote one to what is asked for."""

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from yarl import URL

_SAFE_SIGNS = "!#$%&'()*+,-./:;=?@[]_|~"
_DOT = re.compile("%2e", re.IGNORECASE)
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|\Z)", re.IGNORECASE)
_SENT_AS_IT_IS = re.compile(rf"[A-Za-z0-9{re.escape(_SAFE_SIGNS)}]*")


def is_web_url(url: URL) -> bool:
    has_userinfo = url.raw_user is not None or url.raw_password is not None
    return url.scheme in {"http", "https"} and bool(url.raw_host) and not has_userinfo


def parse_url(text: str) -> URL:
    """As browsers do: what they send as it is written stays so, signatures included, and the rest is encoded.
    Raises ValueError.
    """
    try:
        written = text if _SENT_AS_IT_IS.fullmatch(text) else _encoded(_slashed(text))
        url = URL(_without_dots(written), encoded=True)
    except IndexError as error:  # yarl's, of brackets before an @ and nothing behind it
        raise ValueError("no host behind its @") from error
    _ = url.port  # a port that is no number raises here
    return url


def resolved(url: URL, location: str) -> URL:
    """Where the `Location` of an answer from this URL leads. Raises ValueError."""
    return parse_url(urljoin(str(url), _slashed(location)))


def _slashed(text: str) -> str:
    """A backslash before a query is a slash to browsers."""
    end = _path_end(text)
    return text[:end].replace("\\", "/") + text[end:]


def _encoded(text: str) -> str:
    """A byte that is no letter of UTF-8, as an old server may send it, is half of a surrogate pair here."""
    scheme, host, *rest = urlsplit(text)
    authority = URL(f"{scheme}://{host}").raw_authority if host else ""
    path, query, fragment = (quote(part, safe=_SAFE_SIGNS, errors="surrogateescape") for part in rest)
    return urlunsplit((scheme, authority, path, query, fragment))


def _without_dots(text: str) -> str:
    """`/a/../b` is `/b` (RFC 3986, 5.2.4), and an encoded dot is a dot."""
    end = _path_end(text)
    if _DOTS.search(text, 0, end) is None:
        return text
    start = text.find("/", text.find("://") + len("://")) + 1
    kept: list[str] = []
    for name in text[start:end].split("/"):
        dots = _DOT.sub(".", name)
        if dots == "..":
            del kept[-1:]
        elif dots != ".":
            kept.append(name)
    ending = "/" if kept and dots in {".", ".."} else ""
    return text[:start] + "/".join(kept) + ending + text[end:]


def _path_end(text: str) -> int:
    return len(text.partition("?")[0].partition("#")[0])
