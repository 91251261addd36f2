"""R29: who is to blame for the end of a decoder child: the image, or something of ours."""

import signal

import pytest

from services.processor.decoders.ends import End, end_of, is_enough, is_failure
from services.processor.decoders.standstill import LOOKS, Life, Stillness

ENDS = {
    -signal.SIGSEGV: End.CRASHED,
    -signal.SIGABRT: End.CRASHED,
    -signal.SIGXCPU: End.OVERRAN,
    -signal.SIGKILL: End.KILLED,
    -signal.SIGTERM: End.KILLED,
    -200: End.KILLED,
    3: End.CRASHED,
    4: End.LACKED_LIBRARY,
    0: End.KILLED,
    None: End.KILLED,
}


@pytest.mark.parametrize(("status", "end"), ENDS.items())
def test_a_status_says_who_ended_the_child(status: int | None, end: End) -> None:
    assert end_of(status, was_ready=True, stood_still=False) is end
    assert end_of(status, was_ready=False, stood_still=False) is End.NEVER_STARTED
    assert end_of(status, was_ready=True, stood_still=True) is End.STOOD_STILL


@pytest.mark.parametrize(
    ("ends", "enough", "fails"),
    [
        ([End.CRASHED], False, True),
        ([End.CRASHED, End.CRASHED], True, True),
        ([End.OVERRAN], True, True),
        ([End.KILLED, End.OVERRAN], True, True),
        ([End.KILLED], False, False),
        ([End.CRASHED, End.KILLED], True, False),
        ([End.STOOD_STILL, End.CRASHED], True, False),
        ([End.LACKED_LIBRARY, End.LACKED_LIBRARY], True, False),
    ],
)
def test_an_image_fails_by_what_it_did_each_time(ends: list[End], *, enough: bool, fails: bool) -> None:
    assert is_enough(ends) is enough
    if enough:
        assert is_failure(ends) is fails


def looks_until_still(lives: list[Life | None]) -> int | None:
    stillness = Stillness()
    return next((look for look, life in enumerate(lives) if stillness.seen(life)), None)


ASLEEP = Life(7, wants_more=False)


def test_a_child_stands_still_that_neither_uses_cpu_nor_wants_it_for_so_many_looks() -> None:
    assert looks_until_still([ASLEEP] * 100) == LOOKS
    waiting = Life(7, wants_more=True)
    assert looks_until_still([waiting] * 1000) is None
    assert looks_until_still([None] * 1000) is None
    assert looks_until_still([Life(look // LOOKS, wants_more=False) for look in range(1000)]) is None
    assert looks_until_still([*[ASLEEP] * LOOKS, waiting, *[ASLEEP] * (LOOKS - 1)]) is None
