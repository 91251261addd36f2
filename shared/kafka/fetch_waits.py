"""How long the broker may hold a fetch for which it has nothing (pure), and after which fetch the next one
may rest. A record that comes ends the former at once.

The client has one fetch a broker under way, and leaves out the partitions of which it still holds records:
while much comes those must not wait for long, even if the others have nothing. While nothing comes all
partitions are in the fetch, and a short one only wakes everybody up. The broker answers nothing else on that
connection meanwhile: a look at the lag waits for as long.
"""

SHORTEST_WAIT_MS = 100
LONGEST_WAIT_MS = 2_000
RESTED_BELOW_BYTES = 128 * 1024  # of records; whoever has more before him does not rest


def next_wait_ms(wait_ms: int, *, has_records: bool) -> int:
    """After a fetch that was to wait so long."""
    return SHORTEST_WAIT_MS if has_records else min(2 * wait_ms, LONGEST_WAIT_MS)


def is_worth_a_rest(records_bytes: int) -> bool:
    """Whether a fetch brought something, and so little that the next one had better bring more."""
    return 0 < records_bytes < RESTED_BELOW_BYTES
