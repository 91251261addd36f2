"""What a dead letter carries (pure): the message as it came, where it came from, and why it was put aside."""

from shared.consuming.broker import NewRecord, Record

ERROR_HEADER_CHARACTERS = 1_000
KEY_OF_NOTICE_BYTES = 1_000
NULL_HEADER = "dlq_null"  # what was null and could not be sent as such
LEFT_OUT_HEADER = "dlq_left_out"  # what the broker would not take


def dead_letter(record: Record, group: str, error: Exception) -> NewRecord:
    """No producer sends a message without key and value, so one of both nulls is an empty value."""
    headers = [*record.headers, *_reasons(record, group, error)]
    value = record.value
    if record.key is None and record.value is None:
        value = b""
        headers.append((NULL_HEADER, b"value"))
    return NewRecord(f"{record.partition.topic}.dlq", record.key, value, headers)


def notice(record: Record, group: str, error: Exception, refused: Exception) -> NewRecord:
    """Instead of a letter that the broker refuses. The message itself stays where the headers say, until its
    topic's retention ends.
    """
    value_bytes = 0 if record.value is None else len(record.value)
    left_out = f"value of {value_bytes} bytes, {len(record.headers)} headers: {refused}"
    headers = [*_reasons(record, group, error), (LEFT_OUT_HEADER, _text(left_out))]
    key = None if record.key is None else record.key[:KEY_OF_NOTICE_BYTES]
    return NewRecord(f"{record.partition.topic}.dlq", key, b"", headers)


def _reasons(record: Record, group: str, error: Exception) -> list[tuple[str, bytes | None]]:
    reasons = {
        "dlq_topic": record.partition.topic,
        "dlq_partition": str(record.partition.number),
        "dlq_offset": str(record.offset),
        "dlq_group": group,
        "dlq_error_type": type(error).__name__,
        "dlq_error": str(error),
    }
    return [(name, _text(value)) for name, value in reasons.items()]


def _text(value: str) -> bytes:
    """Whatever an error says: half of a surrogate pair too."""
    return value[:ERROR_HEADER_CHARACTERS].encode(errors="backslashreplace")
