"""`pixmill tap`: follows request.completed on Kafka. Needs the extra `pixmill[kafka]`."""

import asyncio
import json
from typing import Annotated, Any

import typer

from pixmill.command.session import Session
from pixmill.command.telling.exits import CommandFailed, Exit
from pixmill.command.verbs.kafka import TOPIC, consumer_at, kafka_client, kafka_reason, start
from pixmill.command.verbs.webhooks.repeats import Repeats
from pixmill.records import NOT_SO, Completion

TYPE = "pixmill.request.completed.v1"


def tap(
    session: Session,
    bootstrap: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Of Kafka; otherwise PIXMILL_KAFKA.", show_default=False),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(help="tap-…: go on where this group stopped; without: what comes from now on."),
    ] = None,
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="All that Kafka still keeps.")
    ] = False,
    limit: Annotated[int, typer.Option(min=0, help="End after so many; 0 never ends.")] = 0,
) -> int:
    """Follow the ends of requests on Kafka.

    PIXMILL_KAFKA_USERNAME and PIXMILL_KAFKA_PASSWORD log in (SCRAM-SHA-512 over TLS); PIXMILL_KAFKA_CA is the
    file of the authority that signed the brokers' certificates.
    """
    address = bootstrap or session.settings.kafka
    if address is None:
        raise CommandFailed(
            "Nobody said where Kafka is.",
            "--bootstrap HOST:PORT or PIXMILL_KAFKA say it; `make up` prints its own.",
            Exit.USAGE,
        )
    aiokafka = kafka_client()
    try:
        asyncio.run(_follow(session, address, group, limit=limit, from_beginning=from_beginning))
    except aiokafka.errors.KafkaError as error:
        raise CommandFailed(
            f"Kafka at {address}: {kafka_reason(error)}.",
            "Is the address right, and may this user read the topic?",
        ) from error
    return Exit.COMPLETED


async def _follow(
    session: Session, address: str, group: str | None, *, limit: int, from_beginning: bool
) -> None:
    begin = "earliest" if from_beginning or group else "latest"
    consumer = consumer_at(address, TOPIC, group_id=group, auto_offset_reset=begin)
    session.out.note(f"tapping {TOPIC} at {address}")
    repeats, told = Repeats(), 0
    try:
        await start(consumer)
        async for message in consumer:
            told += _tell(session, message, repeats)
            if group:
                await consumer.commit()  # only now: a crash before it reads the message again
            if limit and told >= limit:
                return
    finally:
        await consumer.stop()


def _tell(session: Session, message: Any, repeats: Repeats) -> bool:
    """Whether it was told, if only as unreadable. Repeats are dropped, and what is of another type."""
    headers = {name: (value or b"").decode("utf-8", "replace") for name, value in message.headers}
    event_id = headers.get("ce_id", "")
    if headers.get("ce_type") != TYPE or repeats.is_one(event_id):
        return False
    try:
        event = json.loads(message.value)
        completion = Completion.from_json(event_id, event)
        line = f"{event['timestamp']}  {completion.request_id}  {completion.state}  {completion.message}"
    except NOT_SO:
        session.out.error(f"Message {message.offset} of partition {message.partition} cannot be read.")
        return True
    session.out.data("completion", {"id": event_id, "event": event})
    session.out.result(line)
    return True
