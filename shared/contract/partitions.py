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
    """By the hash of what the key speaks of. The key of an attempt leads so many further on as there were
    attempts before; nobody else asks for images, so its image is hashed by whatever is quick.
    """
    subject, _, attempt = key.partition(b"/")
    if not attempt.isdigit():
        return hashed(subject) % partitions
    return (zlib.crc32(subject) + int(attempt) - 1) % partitions
