"""Fetching from a host that is away behind its proxy, or of which some URLs are dead: real requests tell."""

from services.processor.fetching.fetcher import Fetcher
from services.processor.fetching.outages import LEAST_IN_A_ROW
from services.processor.verdicts import Failure, NotNow
from shared.contract.codes import http_code
from tests.integration.processor.test_fetch import GOOD, fetch, fetcher, paths
from tests.worlds.hosts.raw_server import RawServer

BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"


class Shop:
    """Some of its pictures are dead; while it is away all are."""

    def __init__(self) -> None:
        self.is_away = False

    def answer(self, path: str) -> bytes:
        return BAD_GATEWAY if self.is_away or path.startswith("/dead") else GOOD


def asked(server: RawServer) -> list[str]:
    return [request.split()[1].decode() for request in server.requests]


async def fetch_ten(using: Fetcher, server: RawServer, name: str) -> None:
    for number in range(LEAST_IN_A_ROW):
        await fetch(using, server.url() / f"{name}{number}")


async def test_where_a_picture_that_came_before_does_not_its_host_is_away_and_nobody_fails() -> None:
    """R09: the image that would have been asked for is not, and has not failed."""
    shop = Shop()
    async with paths(shop.answer) as server, fetcher() as using:
        await fetch_ten(using, server, "good")
        shop.is_away = True
        await fetch_ten(using, server, "new")
        told = [await fetch(using, server.url() / f"later{number}") for number in range(3)]
    assert all(isinstance(each, NotNow) and each.code == http_code(502) for each in told)
    assert asked(server)[2 * LEAST_IN_A_ROW :] == [f"/good{LEAST_IN_A_ROW - 1}"]


async def test_where_it_comes_the_image_is_asked_for_next_and_fails_for_itself() -> None:
    shop = Shop()
    async with paths(shop.answer) as server, fetcher() as using:
        await fetch_ten(using, server, "good")
        await fetch_ten(using, server, "dead")
        failure = await fetch(using, server.url() / "dead-too")
        picture = await fetch(using, server.url() / "good-too")
    assert isinstance(failure, Failure)
    assert failure.code == http_code(502)
    assert isinstance(picture, bytes)
    assert asked(server)[2 * LEAST_IN_A_ROW :] == [f"/good{LEAST_IN_A_ROW - 1}", "/dead-too", "/good-too"]
