"""A host that takes only so many requests a second, before the whole stack with its two processors."""

import pytest

from tests.system.client import Client
from tests.worlds.hosts.limited_origin import LimitedOrigin
from tests.worlds.hosts.limiting_hosts import Bucket

PER_SECOND = 10.0
IMAGES = 60


@pytest.mark.parametrize(("status", "retry_after"), [(429, None), (429, "1"), (503, "1")])
async def test_all_images_of_a_host_that_takes_ten_a_second_are_done(
    client: Client, status: int, retry_after: str | None
) -> None:
    """R29: 5 to 15 s each, for so long the host takes."""
    async with LimitedOrigin(Bucket(PER_SECOND), status, retry_after).open() as origin:
        accepted = await client.upload(origin.csv(IMAGES))
        ended = await client.until_ended(accepted.body["request_id"])
    assert (ended["state"], ended["counts"]["done"]) == ("completed", IMAGES)
    assert origin.answered[200] == IMAGES
    assert origin.answered[status] > 0
