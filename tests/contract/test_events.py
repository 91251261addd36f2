"""The events as strangers rely on them: literal JSON, ids and keys, and a schema that only grows."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.contract.events import (
    EVENTS,
    CsvAccepted,
    Event,
    ImageDone,
    ImageRequested,
    RequestCompleted,
    Topic,
    WebhookAttempted,
)
from shared.contract.topic_declarations import FOLDER

EXAMPLES = FOLDER / "examples"
LEAST = Path(__file__).parent / "golden"
ALL_EVENTS = [pytest.param(event, id=event.TOPIC.value) for event in EVENTS.values()]
REQUEST = "01930000-0000-7000-8000-000000000001"
IMAGE = "6f0a0f7e-3f55-5a3e-9a57-0b1f4f9f6f01"


def golden(event: type[Event]) -> bytes:
    return (EXAMPLES / f"{event.TOPIC.value}.json").read_bytes().removesuffix(b"\n")


def golden_fields(event: type[Event]) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(golden(event))
    return fields


@pytest.mark.parametrize("event", ALL_EVENTS)
def test_a_parsed_event_is_written_as_it_was_read(event: type[Event]) -> None:
    """R26."""
    written = event.parse(golden(event)).value()
    if event is RequestCompleted:  # rendered by status, once: test_webhook_shape holds its bytes
        assert json.loads(written) == golden_fields(event)
        return
    assert written == golden(event)


@pytest.mark.parametrize("event", ALL_EVENTS)
def test_the_golden_example_shows_every_field(event: type[Event]) -> None:
    assert set(event.model_fields) <= set(golden_fields(event))


@pytest.mark.parametrize("event", ALL_EVENTS)
def test_the_least_an_older_writer_sent_is_still_read(event: type[Event]) -> None:
    """R26."""
    event.parse((LEAST / f"{event.TOPIC.value}.least.json").read_bytes())


@pytest.mark.parametrize("event", ALL_EVENTS)
def test_fields_that_nobody_knows_yet_are_ignored(event: type[Event]) -> None:
    """R26."""
    newer = golden_fields(event) | {"from_the_future": {"a": [1, None]}}
    assert event.parse(json.dumps(newer).encode()).event_id() == event.parse(golden(event)).event_id()


@pytest.mark.parametrize("event", ALL_EVENTS)
def test_an_event_without_a_required_field_or_with_a_wrong_type_is_refused(event: type[Event]) -> None:
    for name, field in event.model_fields.items():
        wrong = golden_fields(event) | {name: ["wrong"] if name != "columns" else "wrong"}
        with pytest.raises(ValidationError):
            event.parse(json.dumps(wrong).encode())
        if field.is_required():
            fields = golden_fields(event)
            del fields[name]
            with pytest.raises(ValidationError):
                event.parse(json.dumps(fields).encode())


KEYS_AND_IDS = [
    (Topic.CSV_ACCEPTED, REQUEST, "a8d0436b-243a-57a6-b0c1-5e333e0155ba"),
    (Topic.IMAGE_REQUESTED, f"{IMAGE}/1", "9b34ae17-0fd1-5986-a190-277c06e7c47e"),
    (Topic.IMAGE_DONE, REQUEST, "18789ded-660f-518f-96dc-54179dee50b3"),
    (Topic.REQUEST_COMPLETED, REQUEST, "eef546f6-6ac2-5d59-ae29-4987ab8cb1e1"),
    (Topic.WEBHOOK_ATTEMPTED, REQUEST, "7eccda94-08a0-58ca-a25e-2ecb99d761ae"),
    (Topic.WEBHOOK_RETRY, REQUEST, "eef9e2eb-0869-5449-a4c5-133e856f0efd"),
]


def test_each_event_has_its_key_and_id_in_the_table() -> None:
    assert [topic for topic, _, _ in KEYS_AND_IDS] == [*EVENTS]


@pytest.mark.parametrize(("topic", "key", "event_id"), KEYS_AND_IDS)
def test_keys_and_ids_stay_the_same_over_releases(topic: Topic, key: str, event_id: str) -> None:
    """A release that made other ids would make news of every repeat."""
    event = EVENTS[topic].parse(golden(EVENTS[topic]))
    assert (event.key(), str(event.event_id())) == (key, event_id)


@pytest.mark.parametrize(
    ("event", "field", "value"),
    [
        (CsvAccepted, "source_bytes", 2**40 + 1),
        (CsvAccepted, "images", 2**31),
        (CsvAccepted, "tenant", ""),
        (ImageRequested, "quality", 96),
        (ImageRequested, "quality", 0),
        (ImageRequested, "ordinal", 2**31),
        (ImageDone, "attempt", -1),
        (ImageDone, "bytes_in", 2**63 - 1),
        (ImageDone, "width", 2**31),
        (WebhookAttempted, "status_code", 10**30),
    ],
)
def test_a_value_that_no_column_and_no_codec_takes_makes_no_event(
    event: type[Event], field: str, value: int | str
) -> None:
    """R23: a quality of 1,000 killed eight decoders before it was buried, and bytes of an image that fill
    their column made the sum of its request overflow with each image after it. No turn comes to a tenant
    without a name.
    """
    event.parse(golden(event))
    with pytest.raises(ValidationError, match=field):
        event.parse(json.dumps(golden_fields(event) | {field: value}).encode())
