"""The operator's command against real dead letters on a real broker, of its own: what is sent back there is
read by nobody.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence

import pytest

from shared.consuming.broker import NewRecord
from shared.contract.events import Topic
from shared.contract.groups import Group
from shared.dead_letters import main
from shared.kafka import KafkaPauseMemory, open_producer
from shared.rights import main as grant_rights
from tests.worlds.services.ingest_service import own_broker


@pytest.fixture(scope="module")
def own_bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with own_broker(tmp_path_factory.mktemp("letters")) as broker:
        yield broker.bootstrap


@pytest.fixture
def bootstrap(own_bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", own_bootstrap)
    return own_bootstrap


def publish(bootstrap: str, records: Sequence[NewRecord]) -> None:
    async def send() -> None:
        async with open_producer(bootstrap, "test") as producer:
            await producer.publish_records(records)

    asyncio.run(send())


def lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(arguments) == 0
    return capsys.readouterr().out.splitlines()


def test_dead_letters_are_listed_shown_and_sent_back(
    bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = [("ce_id", b"1"), ("dlq_topic", b"webhook.retry"), ("pixmill_target", b"sealed")]
    publish(bootstrap, [NewRecord("webhook.retry.dlq", b"key", b"broken", headers)])
    assert "webhook.retry.dlq 1" in lines(capsys, "list")
    (shown,) = lines(capsys, "show", "webhook.retry")
    assert json.loads(shown)["value"] == "broken"
    assert "sealed" not in shown
    assert lines(capsys, "redrive", "webhook.retry", "--offset", "0") == [
        "sent 1 message back to webhook.retry"
    ]
    assert "webhook.retry.dlq 0" in lines(capsys, "list")


def test_letters_are_sent_back_once_and_one_that_dies_again_is_one_letter(
    bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """R21: each try sent the former letters of a message too, twice as many as the last."""
    letter = NewRecord("webhook.attempted.dlq", b"key", b"broken", [("dlq_topic", b"webhook.attempted")])
    publish(bootstrap, [letter] * 3)
    assert lines(capsys, "redrive", "webhook.attempted") == ["sent 3 messages back to webhook.attempted"]
    publish(bootstrap, [letter])
    assert lines(capsys, "redrive", "webhook.attempted") == ["sent 1 message back to webhook.attempted"]
    assert "webhook.attempted.dlq 0" in lines(capsys, "list")


def test_letters_are_discarded_as_far_as_an_operator_has_seen_them(
    bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """R21: without an offset it only says what it would remove; a letter that came meanwhile stays."""
    publish(bootstrap, [NewRecord("request.completed.dlq", b"key", value, []) for value in (b"0", b"1")])
    would = ["would remove 2 letters from request.completed.dlq: say --through 1"]
    assert lines(capsys, "discard", "request.completed") == would
    assert "request.completed.dlq 2" in lines(capsys, "list")
    publish(bootstrap, [NewRecord("request.completed.dlq", b"key", b"later", [])])
    assert lines(capsys, "redrive", "request.completed", "--offset", "1") == [
        "sent 1 message back to request.completed",
        "kept behind one that was not sent: 1 letter in request.completed.dlq",
    ]
    removed = ["removed 2 letters from request.completed.dlq"]
    assert lines(capsys, "discard", "request.completed", "--through", "1") == removed
    (left,) = lines(capsys, "show", "request.completed")
    assert json.loads(left)["value"] == "later"
    assert main(["discard", "request.completed", "--through", "1"]) == 1
    assert capsys.readouterr().err == "request.completed.dlq has no letter with offset 1\n"
    lines(capsys, "discard", "request.completed", "--through", "2")
    assert lines(capsys, "discard", "request.completed") == ["request.completed.dlq has no letters"]


def test_an_offset_without_a_letter_is_a_failure_and_is_told(
    bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever mistyped it heard `sent 0 messages back` and exit code 0."""
    assert main(["redrive", "webhook.retry", "--offset", "700"]) == 1
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "webhook.retry.dlq has no letter with offset 700\n")


def test_a_letter_with_long_headers_is_shown_in_a_line_that_can_be_read(
    bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(bootstrap, [NewRecord("csv.accepted.dlq", b"key", b"v" * 900_000, [("long", b"h" * 900_000)])])
    (shown,) = lines(capsys, "show", "csv.accepted")
    assert len(shown) < 5_000


def test_what_a_letter_had_no_room_for_is_not_sent_back_as_nothing(
    bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = [
        ("dlq_topic", b"image.done"),
        ("dlq_left_out", b"value of 1000000 bytes, 0 headers: too large"),
    ]
    publish(bootstrap, [NewRecord("image.done.dlq", b"key", b"", headers)])
    assert lines(capsys, "redrive", "image.done") == [
        "sent 0 messages back to image.done",
        "too large for a letter: 1 more message; `show` says where in the topic",
    ]


def test_a_broker_that_asks_nobody_for_rights_is_called_that_and_not_away(
    bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert grant_rights(["grant"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("the broker asks nobody for rights")
    assert len(told.splitlines()) == 1


def test_a_paused_group_is_told_to_go_on(bootstrap: str, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(pause_memory(bootstrap).remember())
    assert asyncio.run(is_paused(bootstrap))
    lines(capsys, "resume", "notifier", "request.completed")
    assert not asyncio.run(is_paused(bootstrap))


def pause_memory(bootstrap: str) -> KafkaPauseMemory:
    return KafkaPauseMemory(bootstrap, Group.NOTIFIER, Topic.REQUEST_COMPLETED.value)


async def is_paused(bootstrap: str) -> bool:
    memory = pause_memory(bootstrap)
    try:
        return await memory.is_paused()
    finally:
        await memory.close()


def test_a_broker_that_is_away_is_one_line_and_a_failing_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:1")
    assert main(["list"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
