"""R29: an image that one member cannot do goes to another, on the broker in memory and on the real one."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import ImageRequested
from tests.integration.consuming.worlds import PARTITIONS, Member, World, request
from tests.worlds.patience import until

IMAGES = 8


async def test_each_attempt_at_an_image_lies_in_the_partition_after_the_one_before(
    world: World, group: str
) -> None:
    found: dict[tuple[int, int], int] = {}

    async def handle(message: Incoming[ImageRequested]) -> Sequence[Outgoing]:
        found[message.event.ordinal, message.event.attempt] = message.partition
        return ()

    member = Member(world.membership(group), world.producer).each(handle)
    asked = [request(ordinal, attempt) for ordinal in range(IMAGES) for attempt in (1, 2, 3)]
    await world.producer.publish([Outgoing(each, datetime.now(UTC)) for each in asked])
    await until(lambda: len(found) == len(asked))
    await member.stop()
    assert len({found[ordinal, 1] for ordinal in range(IMAGES)}) > 1
    for (ordinal, attempt), partition in found.items():
        assert partition == (found[ordinal, 1] + attempt - 1) % PARTITIONS
