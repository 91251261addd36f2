"""What a tap or a listener remembers to know a repeat by has an end, however long it runs."""

import pytest
from pixmill.command.verbs.webhooks import repeats
from pixmill.command.verbs.webhooks.repeats import Repeats


def test_what_came_lately_is_known_and_what_came_long_ago_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(repeats, "MOST_REMEMBERED", 3)
    known = Repeats()
    assert [known.is_one(each) for each in "abca"] == [False, False, False, True]
    assert not known.is_one("d")
    assert [known.is_one(each) for each in "bcd"] == [True, True, True]
    assert not known.is_one("a")
