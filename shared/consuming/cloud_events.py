"""Events as records of the broker and back: CloudEvents 1.0 in binary mode."""

from datetime import UTC, datetime
from functools import lru_cache

from shared.consuming.broker import NewRecord, Record
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import EVENTS, Event, Topic, utc_text
from shared.outcomes import Invalid

SOURCE = "pixmill/"


def encode(message: Outgoing, service: str) -> NewRecord:
    """CloudEvents 1.0, binary mode."""
    event = message.event
    headers = (
        *_headers_of(event.TYPE, service),
        ("ce_id", str(event.event_id()).encode()),
        ("ce_subject", event.subject().encode()),
        ("ce_time", _told_time(message.time)),
        *((name, value.encode()) for name, value in message.headers.items()),
    )
    return NewRecord(event.TOPIC.value, event.key().encode(), message.value, headers)


@lru_cache
def _headers_of(event_type: str, service: str) -> tuple[tuple[str, bytes], ...]:
    """What is the same for all of them."""
    headers = {
        "ce_specversion": "1.0",
        "ce_type": event_type,
        "ce_source": SOURCE + service,
        "content-type": "application/json",
    }
    return tuple((name, value.encode()) for name, value in headers.items())


@lru_cache
def _told_time(time: datetime) -> bytes:
    """What is claimed together has one."""
    return utc_text(time.astimezone(UTC)).encode()


def decode(record: Record) -> Incoming[Event]:
    """Raises `Invalid` for a record that is not an event of its topic."""
    topic = Topic(record.partition.topic)
    wanted = EVENTS[topic].TYPE
    if record.value is None:
        raise Invalid("the message has no value")
    try:
        headers = {name: value.decode() for name, value in record.headers if value is not None}
        if (given := headers.get("ce_type", wanted)) != wanted:
            raise Invalid(f"it is a {given}, and only {wanted} is known here")
        event = EVENTS[topic].parse(record.value)
        time = _time(headers.get("ce_time"), record.timestamp_ms)
    except (ValueError, OverflowError, OSError) as error:  # the last two: times beyond every calendar
        raise Invalid(f"not a {wanted}: {_first_line(error)}") from error
    return Incoming(
        event=event,
        time=time,
        value=record.value,
        headers=headers,
        topic=topic,
        partition=record.partition.number,
        offset=record.offset,
    )


def _time(text: str | None, timestamp_ms: int) -> datetime:
    if text is None:
        return datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _first_line(error: object) -> str:
    return " ".join(str(error).split())[:300]
