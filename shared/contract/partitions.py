"""Which partition a key leads to (pure): an image's next attempt leads to the next partition.

A group's members take turns in the list of partitions, so the next one is another member's: what one
sick member cannot do is done by its neighbour.
"""

import zlib
from collections.abc import Callable
from uuid import UUID


def attempt_key(image_id: UUID, attempt: int) -> str:
    return f"{image_id}/{attempt}"


def partition_index(key: bytes, partitions: int, hashed: Callable[[bytes], int]) -> int:
    """By the hash of what the key names. The key of an attempt leads one partition further than that of the
    attempt before. Status alone makes these keys, so a quick hash serves that other clients do not know.
    """
    subject, _, attempt = key.partition(b"/")
    if not attempt.isdigit():
        return hashed(subject) % partitions
    return (zlib.crc32(subject) + int(attempt) - 1) % partitions
