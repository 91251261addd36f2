"""A group or topic that is mistyped is refused: the broker keeps offsets for any name, and so the commands
said that it was done.
"""

from collections.abc import Callable, Sequence

import pytest

from shared import dead_letters, rewind

Command = Callable[[Sequence[str]], int]
SINCE = ("--since", "2026-11-21T03:00:00Z")


@pytest.mark.parametrize(
    ("command", "arguments", "told"),
    [
        (rewind.main, ("status-csv-acepted", "csv.accepted", *SINCE), "Group"),
        (
            rewind.main,
            ("status-image-done", "csv.accepted", *SINCE),
            "status-image-done reads image.done",
        ),
        (
            rewind.main,
            ("notifier", "webhook.attempted", *SINCE),
            "notifier reads request.completed and webhook.retry",
        ),
        (
            rewind.main,
            ("status-image-done", "image.done", "--since", "yesterday"),
            "a moment looks like 2026-11-21T03:00:00Z",
        ),
        (dead_letters.main, ("resume", "procesor", "image.requested"), "Group"),
        (dead_letters.main, ("resume", "processor", "image.done"), "processor goes on by its topic image"),
        (dead_letters.main, ("resume", "notifier", "webhook.retry"), "by its topic request.completed"),
    ],
)
def test_a_group_that_there_is_not_or_that_reads_something_else_is_wrong_usage(
    command: Command,
    arguments: Sequence[str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """R23"""
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:1")
    with pytest.raises(SystemExit) as ended:
        command(arguments)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
