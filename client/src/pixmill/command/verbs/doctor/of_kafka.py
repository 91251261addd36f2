"""The doctor's look at Kafka, where its address is set: is a client of it there, may it read the topic?"""

import asyncio
import re
from collections.abc import Iterator
from importlib import metadata

from pixmill.command.session import READ_SECONDS
from pixmill.command.telling.exits import CommandFailed
from pixmill.command.verbs.doctor.check import Check
from pixmill.command.verbs.doctor.versions import Version, version_of
from pixmill.command.verbs.kafka import TOPIC, consumer_at, kafka_client, kafka_reason, start

_LEAST = re.compile(r"aiokafka\s*>=\s*([\d.]+)")


def kafka_checks(address: str) -> Iterator[Check]:
    try:
        client = kafka_client()
    except CommandFailed as missing:
        yield _told("Kafka's client", missing.sentence, missing.way_out)
        return
    yield client_version(str(client.__version__), _least())
    yield asyncio.run(_read_at(address, client.errors.KafkaError))


def client_version(installed: str, least: "Version | None") -> Check:
    """The oldest that `pixmill[kafka]` takes is the `least`."""
    own = version_of(installed)
    if own is None or least is None or own >= least:
        return _told("Kafka's client", f"aiokafka {installed}")
    way_out = "pip install --upgrade 'pixmill[kafka]' brings a newer one."
    return _told("Kafka's client", f"aiokafka {installed}, older than {least}", way_out)


def _least() -> "Version | None":
    """None where the client runs from its sources alone."""
    try:
        wanted = metadata.requires("pixmill") or []
    except metadata.PackageNotFoundError:
        return None
    found = next(filter(None, map(_LEAST.match, wanted)), None)
    return version_of(found[1]) if found else None


async def _read_at(address: str, kafka_error: type[Exception]) -> Check:
    try:
        topics = await asyncio.wait_for(_topics(address), READ_SECONDS)
    except asyncio.TimeoutError:
        reason = "it stays silent"
    except (kafka_error, OSError, ValueError) as error:
        reason = kafka_reason(error)
    else:
        if TOPIC in topics:
            return _told("Kafka", f"{address} has {TOPIC}")
        reason = f"there is no {TOPIC}, or this user may not read it"
    return _told("Kafka", f"{address}: {reason}", "Is PIXMILL_KAFKA right? It is only needed for `tap`.")


async def _topics(address: str) -> "set[str]":
    consumer = consumer_at(address)
    try:
        await start(consumer)
        topics: set[str] = await consumer.topics()
    finally:
        await consumer.stop()
    return topics


def _told(name: str, found: str, way_out: str = "") -> Check:
    return Check(name, found, way_out, needed=False)
