"""UUIDs of version 7 (RFC 9562): ids that sort by the time they were made (pure).

Python has uuid.uuid7 from 3.14; it takes time and chance from the machine, and here they are arguments.
"""

from uuid import UUID

_RANDOM_BITS = 74  # 12 after the version, 62 after the variant


def uuid7(unix_ms: int, randomness: int) -> UUID:
    """Only the lowest 74 bits of `randomness` are used."""
    high, low = divmod(randomness & ((1 << _RANDOM_BITS) - 1), 1 << 62)
    return UUID(int=(unix_ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
