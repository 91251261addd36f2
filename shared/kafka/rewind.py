"""Moving a consumer group back to a moment, so that it reads again what came since."""

from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.broker_access import Security
from shared.kafka.connection import partitions_of, to_its_end
from shared.kafka.consumer import COMMIT_SECONDS, SESSION_MS
from shared.kafka.members import count_members
from shared.kafka.visitor import new_visitor, visiting

MOVE_SECONDS = 60.0


class GroupInUse(Exception):  # noqa: N818 - a state of the world, told to an operator
    """A group with members cannot be moved: they would commit over it."""


async def rewind(bootstrap: str, security: Security, *, group: str, topic: str, since: datetime) -> int:
    """Returns how many messages will be read again; raises `Away` when the broker does not answer."""
    if await count_members(bootstrap, group, security):
        session = SESSION_MS // 1000
        raise GroupInUse(
            f"{group} has members: stop them first (one that has gone may count for {session} s)"
        )
    visitor = new_visitor(
        bootstrap, security, f"{group}.rewind", group, request_timeout_ms=int(COMMIT_SECONDS * 1000)
    )
    return await to_its_end(_rewind(visitor, topic, since))


async def _rewind(visitor: AIOKafkaConsumer, topic: str, since: datetime) -> int:
    async with visiting(visitor, MOVE_SECONDS) as client:
        partitions = await partitions_of(client, topic)
        client.assign(partitions)
        return await _move(client, partitions, int(since.timestamp() * 1000))


async def _move(client: AIOKafkaConsumer, partitions: list[TopicPartition], since_ms: int) -> int:
    ends = await client.end_offsets(partitions)
    found = await client.offsets_for_times(dict.fromkeys(partitions, since_ms))
    starts = {each: found[each].offset if found[each] else ends[each] for each in partitions}
    committed = {each: await client.committed(each) for each in partitions}
    # Only move back: what was never read must not be skipped.
    back = {each: start for each, start in starts.items() if start < (committed[each] or 0)}
    if back:
        await client.commit(back)
    return sum((committed[each] or 0) - start for each, start in back.items())
