"""The fake server's lists come in pages, as those of the real one do."""

from typing import Any

import httpx
from pixmill import Client
from pixmill.testing import FakePixmill

from services.status.api.answers.refusals import unknown_cursor
from tests.unit.client.conftest import PRODUCTS


def pages(url: str, cursor: str = "cursor", **params: str) -> list[list[Any]]:
    """The items of each page, until none follows."""
    found: list[list[Any]] = []
    while True:
        page = httpx.get(url, params=params).json()
        if not page["items"]:
            return found
        found.append(page["items"])
        if page["next"] is None:
            return found
        params[cursor] = page["next"]


def test_requests_come_the_newest_first_also_after_one_was_deleted(
    client: Client, server: FakePixmill
) -> None:
    first, *ids = [client.upload(PRODUCTS).id for _ in range(4)]
    client.delete(first)
    ids.append(client.upload(PRODUCTS).id)
    told = pages(f"{server.url}/v1/requests", limit="3")
    assert [[each["request_id"] for each in page] for page in told] == [ids[:0:-1], ids[:1]]
    assert len(pages(f"{server.url}/v1/requests", limit="4")) == 1


def test_without_a_limit_a_page_has_as_many_as_of_the_real_one(client: Client, server: FakePixmill) -> None:
    rows = b"".join(b"%d,Tea,https://shop.example/%d.jpg\n" % (number, number) for number in range(120))
    id_ = client.upload(b"S. No.,Product Name,Input Image Urls\n" + rows).id
    for _ in range(50):
        client.upload(PRODUCTS)
    assert [len(page) for page in pages(f"{server.url}/v1/requests")] == [50, 1]
    assert [len(page) for page in pages(f"{server.url}/v1/requests/{id_}/images")] == [100, 20]
    assert len(list(client.images(id_))) == 120


def test_images_of_a_state_come_by_their_places(client: Client, server: FakePixmill) -> None:
    server.fail("https://shop.example/b.jpg")
    url = f"{server.url}/v1/requests/{client.upload(PRODUCTS).id}/images"
    told = pages(url, state="done", limit="1")
    assert [[each["ordinal"] for each in page] for page in told] == [[0], [2]]
    assert httpx.get(url, params={"cursor": ""}).json()["items"][0]["ordinal"] == 0
    for cursor in ("x", "-1", "2147483648"):
        refused = httpx.get(url, params={"cursor": cursor})
        assert (refused.status_code, refused.json()["error"]) == (400, unknown_cursor().error)


def test_the_feed_of_ends_goes_on_behind_its_last_event(client: Client, server: FakePixmill) -> None:
    ids = [client.upload(PRODUCTS).id for _ in range(3)]
    told = pages(f"{server.url}/v1/events", "after", limit="2")
    assert [[each["data"]["request_id"] for each in page] for page in told] == [ids[:2], ids[2:]]
    assert [each.request_id for each in client.events()] == ids
