"""How far a group is behind, asked from outside of it."""

from shared.kafka import KafkaGroupLag, open_producer
from tests.integration.consuming.worlds import TOPIC, KafkaWorld, Member, empty_topics, send, until_committed


async def test_the_lag_of_a_group_is_what_it_has_not_committed(kafka: str, group: str) -> None:
    await empty_topics(kafka)
    lag = KafkaGroupLag(bootstrap=kafka, group=group, topic=TOPIC.value)
    async with open_producer(kafka, "test") as producer:
        world = KafkaWorld(kafka, producer)
        assert await lag.read() == 0
        await send(world, 7)
        assert await lag.read() == 7
        member = Member(world.membership(group), producer).batches(_ignore)
        await until_committed(world, group, 7)
        assert await lag.read() == 0
        await member.stop()
    await lag.close()


async def _ignore(_: object) -> tuple[()]:
    return ()
