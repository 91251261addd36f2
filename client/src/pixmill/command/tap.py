"""`pixmill tap`: follows request.completed on Kafka. Needs the extra `pixmill[kafka]`."""

import asyncio
import json
import logging
import os
import ssl
from typing import Annotated, Any

import typer

from pixmill.command.exits import CommandFailed, Exit
from pixmill.command.session import Session
from pixmill.records import Completion

TOPIC = "request.completed"
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
            "Nobody said where Kafka is.", "--bootstrap HOST:PORT or PIXMILL_KAFKA.", Exit.USAGE
        )
    try:
        import aiokafka  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise CommandFailed(
            "This needs a Kafka client that is not installed.", "pip install 'pixmill[kafka]' brings it."
        ) from error
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())  # we say it ourselves
    try:
        asyncio.run(_follow(session, aiokafka, address, group, limit=limit, from_beginning=from_beginning))
    except aiokafka.errors.KafkaError as error:
        raise CommandFailed(
            f"Kafka at {address}: {error}.", "Is the address right, and may this user read the topic?"
        ) from error
    return Exit.COMPLETED


async def _follow(
    session: Session, aiokafka: Any, address: str, group: str | None, *, limit: int, from_beginning: bool
) -> None:
    consumer = aiokafka.AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=address,
        group_id=group,
        auto_offset_reset="earliest" if from_beginning or group else "latest",
        enable_auto_commit=False,
        **_access(),
    )
    session.out.note(f"tapping {TOPIC} at {address}")
    seen: set[str] = set()
    try:
        await consumer.start()
        async for message in consumer:
            _tell(session, message, seen)
            if group:
                await consumer.commit()  # only now: a crash before it reads the message again
            if limit and len(seen) >= limit:
                return
    finally:
        await consumer.stop()


def _access() -> dict[str, Any]:
    username = os.environ.get("PIXMILL_KAFKA_USERNAME")
    if username is None:
        return {}
    return {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": username,
        "sasl_plain_password": os.environ.get("PIXMILL_KAFKA_PASSWORD", ""),
        "ssl_context": ssl.create_default_context(cafile=os.environ.get("PIXMILL_KAFKA_CA")),
    }


def _tell(session: Session, message: Any, seen: set[str]) -> None:
    """Repeats are dropped, and so is what is of another type."""
    headers = {name: value.decode("utf-8", "replace") for name, value in message.headers}
    event_id = headers.get("ce_id", "")
    if headers.get("ce_type") != TYPE or event_id in seen:
        return
    seen.add(event_id)
    event = json.loads(message.value)
    completion = Completion.from_json(event_id, event)
    session.out.data("completion", {"id": event_id, "event": event})
    session.out.result(
        f"{event['timestamp']}  {completion.request_id}  {completion.state}  {completion.message}"
    )
