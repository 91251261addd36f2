"""Events as records of the broker and back: CloudEvents 1.0 in binary mode."""

from datetime import UTC, datetime

from shared.consuming.broker import NewRecord, Record
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import EVENTS, Event, Topic
from shared.outcomes import Invalid

SOURCE = "pixmill/"


def encode(message: Outgoing, service: str) -> NewRecord:
    """CloudEvents 1.0, binary mode."""
    event = message.event
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(event.event_id()),
        "ce_type": event.TYPE,
        "ce_source": SOURCE + service,
        "ce_subject": event.subject(),
        "ce_time": message.time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "content-type": "application/json",
        **message.headers,
    }
    encoded = tuple((name, value.encode()) for name, value in headers.items())
    return NewRecord(event.TOPIC.value, event.key().encode(), message.value, encoded)


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
