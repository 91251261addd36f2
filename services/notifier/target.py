"""Webhook targets: which URLs may be posted to at all, what tells them apart, what in them is secret (pure).

What a host name resolves to is judged where the connection is made, not here.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from json import dumps
from urllib.parse import quote

from yarl import URL

from shared.contract.limits import MAX_URL_CHARACTERS
from shared.outbound.addresses import Networks
from shared.outbound.client import NetCode
from shared.outbound.web_urls import is_web_url, parse_url
from shared.outbound.webhook_hosts import Obstacle, obstacle_to_posting

SHORTEST_SECRET = 4  # a shorter query value is no secret, and would blot out half of an answer
_OF_OBSTACLES: Mapping[Obstacle, str] = {
    Obstacle.NEEDS_HTTPS: "https_required: a webhook URL must be https",
    Obstacle.BLOCKED_ADDRESS: (
        f"{NetCode.BLOCKED_ADDRESS}: the webhook URL is an address outside the public internet"
    ),
    Obstacle.OLD_SPELLING: "malformed_url: the webhook URL spells its IP address in an old way",
}


class UnusableTarget(Exception):  # noqa: N818 - a verdict on the target, told to the status service
    """No attempt at this target can ever succeed. Its text shows nothing of the URL."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be tried."""

    url: URL  # without userinfo and fragment: neither belongs in a request line
    user: str | None
    password: str | None

    @property
    def host(self) -> str:
        return f"{self.url.host}:{self.url.port}"

    @property
    def origin(self) -> str:
        """What logs may show: a path can hold a token as well as a query can."""
        return str(self.url.origin())

    @property
    def endpoint(self) -> str:
        """What tells receivers apart. Not the query: it may differ from post to post."""
        return self.origin + self.url.raw_path

    @property
    def is_encrypted(self) -> bool:
        return self.url.scheme == "https"

    def secrets(self) -> Sequence[str]:
        """Every text of the URL that must not come back in an answer's excerpt, longest first."""
        url = self.url
        as_written = (pair.partition("=")[2] for pair in url.raw_query_string.split("&"))
        parts = {url.raw_query_string, url.query_string, *as_written, *url.query.values()}
        if self._has_userinfo:
            parts |= {self.user or "", self.password or "", self._basic()}
        secrets = {spelt for part in parts if len(part) >= SHORTEST_SECRET for spelt in _spellings(part)}
        return sorted(secrets, key=len, reverse=True)

    def authorization(self) -> dict[str, str]:
        """Userinfo in a URL asks for HTTP basic authentication."""
        return {"Authorization": f"Basic {self._basic()}"} if self._has_userinfo else {}

    @property
    def _has_userinfo(self) -> bool:
        return bool(self.user or self.password)

    def _basic(self) -> str:
        return b64encode(f"{self.user or ''}:{self.password or ''}".encode()).decode()


def parse_target(text: str, allowed: Networks) -> Target:
    """Raises `UnusableTarget`. `allowed` are the networks that ALLOW_HOSTS lists."""
    try:
        url = parse_url(text)
        user, password = url.user, url.password
        url = url.with_user(None).with_fragment(None)
        host = url.host  # a name in punycode that spells nothing raises here
    except ValueError:
        raise _malformed() from None  # its text would show the URL
    if len(text) > MAX_URL_CHARACTERS or not is_web_url(url) or host is None:
        raise _malformed()
    obstacle = obstacle_to_posting(url.scheme, host, allowed)
    if obstacle is not None:
        raise UnusableTarget(_OF_OBSTACLES[obstacle])
    return Target(url, user, password)


def _spellings(secret: str) -> Iterator[str]:
    """As it is, and as an answer in JSON, as a page or within a URL repeats it."""
    in_json = dumps(secret)[1:-1]
    yield from (secret, in_json, in_json.replace("/", "\\/"), escape(secret), quote(secret, safe=""))


def _malformed() -> UnusableTarget:
    return UnusableTarget("malformed_url: the webhook URL cannot be read")
