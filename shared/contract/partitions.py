"""Which partition a key leads to (pure): an image's next attempt leads to the next partition.

A group's members take turns in the list of partitions, so the next one is another member's: what one
sick member cannot do is done by its neighbour.
"""

from collections.abc import Callable
from uuid import UUID


def attempt_key(image_id: UUID, attempt: int) -> str:
    return f"{image_id}/{attempt}"


def partition_index(key: bytes, partitions: int, hashed: Callable[[bytes], int]) -> int:
    """By the hash of what the key speaks of, and so many further on as there were attempts before."""
    subject, _, attempt = key.partition(b"/")
    before = int(attempt) - 1 if attempt.isdigit() else 0
    return (hashed(subject) + before) % partitions
