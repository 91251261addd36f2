"""While nothing comes a fetch is held longer and longer, up to a bound; what comes makes the next short."""

from shared.kafka.fetch_waits import LONGEST_WAIT_MS, SHORTEST_WAIT_MS, next_wait_ms


def test_each_empty_fetch_waits_twice_as_long_as_the_one_before_up_to_a_bound() -> None:
    waits = [SHORTEST_WAIT_MS]
    for _ in range(6):
        waits.append(next_wait_ms(waits[-1], has_records=False))
    assert waits == [100, 200, 400, 800, 1_600, LONGEST_WAIT_MS, LONGEST_WAIT_MS]


def test_a_fetch_after_records_waits_no_longer_than_the_shortest() -> None:
    assert next_wait_ms(LONGEST_WAIT_MS, has_records=True) == SHORTEST_WAIT_MS
