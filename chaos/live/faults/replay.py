"""A group reads again what it has read, as after a restored backup: its members stop, it is moved back by the
operator's own command, and they go on.
"""

import asyncio
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from chaos.live.faults.fault import Blow, Fault
from chaos.live.world.world import World
from shared.broker_access import NO_SECURITY
from shared.contract.events import Topic
from shared.contract.groups import STATUS_GROUPS, Group
from shared.kafka import GroupInUse, rewind

BACK = timedelta(minutes=2)
LEFT_SECONDS = 1.0  # between two looks whether the broker has forgotten the members
READERS: Mapping[Topic, tuple[str, Group]] = {
    **{topic: ("status", group) for topic, group in STATUS_GROUPS.items()},
    Topic.IMAGE_REQUESTED: ("processor", Group.PROCESSOR),
    Topic.REQUEST_COMPLETED: ("notifier", Group.NOTIFIER),
    Topic.WEBHOOK_RETRY: ("notifier", Group.NOTIFIER),
}


def faults() -> Iterator[Fault]:
    for topic in READERS:
        yield Fault(name=f"replay of {topic}", act=partial(_replay, topic), needs_everything_up=True)


async def _replay(topic: Topic, world: World, _: random.Random) -> Blow:
    role, group = READERS[topic]
    members = world.running(role)
    await asyncio.gather(*(part.stop() for part in members))
    messages = await _move_back(world.bootstrap, group, topic)
    for part in members:
        part.start()
    return Blow(down=frozenset(part.name for part in members), remark=f"{messages} messages again")


async def _move_back(bootstrap: str, group: Group, topic: Topic) -> int:
    since = datetime.now(UTC) - BACK
    while True:
        try:
            return await rewind(bootstrap, NO_SECURITY, group=group, topic=topic.value, since=since)
        except GroupInUse:  # until the session of a member that has gone ends
            await asyncio.sleep(LEFT_SECONDS)
