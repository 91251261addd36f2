"""Messages that nobody can handle, one on each topic: each becomes a dead letter and holds up nobody."""

import random
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from chaos.live.faults.fault import Blow, Fault, Poisoned
from chaos.live.journal import MARK_HEADER
from chaos.live.world.world import World
from shared.consuming.broker import NewRecord
from shared.contract.events import EVENTS, Topic
from shared.kafka import open_producer

MEGABYTE = 1_000_000
KEY = b"poison"


def _null_key(topic: Topic, mark: bytes) -> NewRecord:
    return NewRecord(topic.value, None, b"{}", [(MARK_HEADER, mark)])


def _null_value(topic: Topic, mark: bytes) -> NewRecord:
    return NewRecord(topic.value, KEY, None, [(MARK_HEADER, mark)])


def _null_header(topic: Topic, mark: bytes) -> NewRecord:
    return NewRecord(topic.value, KEY, b"{}", [(MARK_HEADER, mark), ("ce_type", None), ("ce_time", None)])


def _megabyte(topic: Topic, mark: bytes) -> NewRecord:
    return NewRecord(topic.value, KEY, b"x" * MEGABYTE, [(MARK_HEADER, mark)])


def _not_json(topic: Topic, mark: bytes) -> NewRecord:
    return NewRecord(topic.value, KEY, b"\xff\x00{", [(MARK_HEADER, mark)])


def _future_version(topic: Topic, mark: bytes) -> NewRecord:
    headers = [(MARK_HEADER, mark), ("ce_type", EVENTS[topic].TYPE.encode() + b"9")]
    return NewRecord(topic.value, KEY, b'{"everything": "new"}', headers)


KINDS: Mapping[str, Callable[[Topic, bytes], NewRecord]] = {
    "null key": _null_key,
    "null value": _null_value,
    "null header": _null_header,
    "1 MB": _megabyte,
    "not JSON": _not_json,
    "a future version": _future_version,
}


def faults() -> Iterator[Fault]:
    for kind in KINDS:
        yield Fault(name=f"poison: {kind}", act=partial(_poison, kind), needs_everything_up=True)


async def _poison(kind: str, world: World, chance: random.Random) -> Blow:
    poison = [Poisoned(topic.value, f"{kind}-{chance.getrandbits(64):016x}") for topic in Topic]
    records = [KINDS[kind](Topic(each.topic), each.mark.encode()) for each in poison]
    async with open_producer(world.bootstrap, "chaos") as producer:
        await producer.publish_records(records)
    return Blow(poison=poison)
