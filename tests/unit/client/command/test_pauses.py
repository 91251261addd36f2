"""R28: what waits at several places at a time is told once."""

import pytest
from pixmill.command.telling.output import Output
from pixmill.command.telling.pauses import Pauses

AWAY = "Nothing listens there."


def test_of_calls_that_wait_for_the_same_at_a_time_one_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    now = [100.0]
    pauses = Pauses(Output(), lambda: now[0])
    for at, sentence, seconds in [
        (100.0, AWAY, 0.5),  # eight images are fetched at a time
        (100.0, AWAY, 0.4),
        (100.4, AWAY, 1.2),
        (100.5, AWAY, 1.2),  # the next round
        (100.6, AWAY, 1.0),
        (100.6, "It is busy.", 2.0),  # something else
        (102.6, "It is busy.", 2.0),
    ]:
        now[0] = at
        pauses.say(ConnectionError(sentence), seconds)
    assert capsys.readouterr().err.splitlines() == [
        f"{AWAY} Trying again …",
        f"{AWAY} Trying again in 1 s …",
        "It is busy. Trying again in 2 s …",
        "It is busy. Trying again in 2 s …",
    ]
