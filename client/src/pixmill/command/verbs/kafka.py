"""Kafka as `tap` reads it and the doctor looks at it. Needs the extra `pixmill[kafka]`."""

import logging
import os
import ssl
import struct
from typing import Any

from pixmill.command.telling.exits import CommandFailed
from pixmill.records import NOT_SO

TOPIC = "request.completed"


def kafka_client() -> Any:
    """The package aiokafka. Raises CommandFailed where it is not installed."""
    try:
        import aiokafka  # noqa: PLC0415 - few need it
    except ModuleNotFoundError as error:
        raise CommandFailed(
            "This needs a Kafka client that is not installed.", "pip install 'pixmill[kafka]' brings it."
        ) from error
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())  # we say it ourselves
    return aiokafka


def consumer_at(address: str, *topics: str, **options: Any) -> Any:
    """It has yet to be started; offsets are committed by whoever reads."""
    return kafka_client().AIOKafkaConsumer(
        *topics, bootstrap_servers=address, enable_auto_commit=False, **options, **_access()
    )


async def start(consumer: Any) -> None:
    """Raises a KafkaError or an OSError, whatever the address is and whatever answers there."""
    try:
        await consumer.start()
    except (*NOT_SO, struct.error) as error:
        raise kafka_client().errors.KafkaError("it is no HOST:PORT of a broker") from error


def kafka_reason(error: Exception) -> str:
    """Without the names of classes that aiokafka puts before its sentences."""
    if type(error).__name__ == "KafkaConnectionError":
        return "no broker answers there"
    return str(error).removeprefix(f"{type(error).__name__}: ").rstrip(".") or type(error).__name__


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
