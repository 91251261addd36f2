"""Growth is seen by quarters of the images, at the highest that was seen in each."""

import os

from bench.instruments.process_memory import resident_bytes
from bench.measures.memory.growth import Look, figures_of

MEGABYTE = 1_000_000


def look(done: int, megabytes: int) -> Look:
    return Look(done, megabytes * MEGABYTE, 2 * megabytes * MEGABYTE)


def test_the_last_quarter_is_compared_with_the_second_by_their_maxima() -> None:
    looks = [look(0, 900), look(30, 100), look(40, 80), look(60, 300), look(80, 90), look(100, 120)]
    processor, with_decoders = figures_of(looks, 100)
    assert processor.value == 1.2
    assert processor.about["megabytes_by_quarter"] == [900, 100, 300, 120]
    assert with_decoders.about["megabytes_by_quarter"] == [1800, 200, 600, 240]


def test_a_living_process_has_memory_and_one_that_is_gone_has_none() -> None:
    assert resident_bytes(os.getpid()) > MEGABYTE
    assert resident_bytes(2**22 + 1) == 0
