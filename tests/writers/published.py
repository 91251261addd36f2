"""What third parties read of the events: a JSON Schema for each, and asyncapi.yaml over all of them.

`python -m tests.writers.published` writes both anew from shared/contract/events.py and topics/*.toml: run
it after a field or a topic was added. It refuses to write a schema that would break a reader: that is a new
event type.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

import yaml
from pydantic.json_schema import GenerateJsonSchema

from shared.contract.events import EVENTS, Event, Topic
from shared.contract.topic_declarations import FOLDER, Declaration, read_declarations
from shared.version import VERSION
from tests.writers.compatibility import breaks

ASYNCAPI = FOLDER.parent / "asyncapi.yaml"
HOUR_MS = 3_600_000
DRAFT = "https://json-schema.org/draft/2020-12/schema"
INTRODUCTION = """\
What Pixmill says on Kafka. request.completed is made for readers outside of Pixmill; by the others its \
services speak to each other, open to whoever is allowed to look. Fields are only ever added, readers ignore \
what they do not know, a breaking change is a new event type. docs/events.md has examples that run."""


class _WithoutFieldTitles(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schemas() -> Mapping[str, Any]:
    """As the code has them now, by event type."""
    return {
        event.TYPE: {"$schema": DRAFT, **event.model_json_schema(schema_generator=_WithoutFieldTitles)}
        for event in EVENTS.values()
    }


def published_schemas() -> Mapping[str, Any]:
    """As third parties have them."""
    return {
        EVENTS[topic].TYPE: json.loads((FOLDER / declaration.schema_file).read_text())
        for topic, declaration in read_declarations().items()
        if (FOLDER / declaration.schema_file).exists()
    }


def asyncapi() -> str:
    declarations = read_declarations()
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Pixmill", "version": VERSION, "description": INTRODUCTION},
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "The brokers that Pixmill was given as KAFKA_BOOTSTRAP.",
                "variables": {"bootstrap": {"default": "127.0.0.1:8092"}},
            }
        },
        "channels": {topic.value: _channel(each) for topic, each in declarations.items()},
        "operations": {_operation_name(each): _operation(each) for each in declarations.values()},
        "components": {
            "messages": {
                EVENTS[topic].__name__: _message(topic, each) for topic, each in declarations.items()
            },
            "messageTraits": {"CloudEvent": {"headers": _HEADERS}},
        },
    }
    note = "# Written by tests/writers/published.py from topics/*.toml and shared/contract/events.py.\n"
    return note + yaml.safe_dump(document, sort_keys=False, width=110, allow_unicode=True)


_HEADERS = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "content-type"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {
            "type": "string",
            "format": "uuid",
            "description": "The same for every repeat of the same fact: drop what you have seen.",
        },
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string", "description": "pixmill/ and the service that wrote it"},
        "ce_subject": {"type": "string", "description": "the message's key"},
        "ce_time": {"type": "string", "format": "date-time", "description": "when the fact became true"},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C Trace Context of the upload"},
    },
}


def _channel(declaration: Declaration) -> Mapping[str, Any]:
    event = EVENTS[declaration.topic].__name__
    return {
        "address": declaration.topic.value,
        "description": f"{declaration.says[0].upper()}{declaration.says[1:]}.",
        "messages": {event: {"$ref": f"#/components/messages/{event}"}},
        "bindings": {
            "kafka": {
                "topic": declaration.topic.value,
                "partitions": declaration.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": declaration.retention_hours * HOUR_MS,
                },
                "bindingVersion": "0.5.0",
            }
        },
        "x-owner": declaration.owner.value,
        "x-readers": [reader.value for reader in declaration.readers],
    }


def _operation_name(declaration: Declaration) -> str:
    return f"publish{EVENTS[declaration.topic].__name__}"


def _operation(declaration: Declaration) -> Mapping[str, Any]:
    return {
        "action": "send",
        "summary": f"The {declaration.owner} service alone writes it.",
        "channel": {"$ref": f"#/channels/{declaration.topic.value}"},
    }


def _message(topic: Topic, declaration: Declaration) -> Mapping[str, Any]:
    event = EVENTS[topic]
    return {
        "name": event.TYPE,
        "title": event.__name__,
        "summary": _first_sentence(event),
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/CloudEvent"}],
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-07",
            "schema": {"$ref": f"./{FOLDER.name}/{declaration.schema_file}"},
        },
        "bindings": {
            "kafka": {
                "key": _key(declaration),
                "bindingVersion": "0.5.0",
            }
        },
        "examples": [{"payload": json.loads((FOLDER / declaration.example).read_text())}],
    }


def _key(declaration: Declaration) -> Mapping[str, str]:
    is_one_id = "/" not in declaration.key
    return {"type": "string", **({"format": "uuid"} if is_one_id else {}), "description": declaration.key}


def _first_sentence(event: type[Event]) -> str:
    return (event.__doc__ or "").partition(". ")[0].rstrip(".") + "."


def main() -> int:
    if problems := list(breaks(published_schemas(), schemas())):
        print("\n".join(problems), file=sys.stderr)  # noqa: T201 - a command talks to a person
        return 1
    for topic, declaration in read_declarations().items():
        text = json.dumps(schemas()[EVENTS[topic].TYPE], indent=2, ensure_ascii=False) + "\n"
        (FOLDER / declaration.schema_file).write_text(text)
    ASYNCAPI.write_text(asyncapi())
    return 0


if __name__ == "__main__":
    sys.exit(main())
