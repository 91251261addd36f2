"""R29: an image that one sick member cannot do goes to another."""

import uuid
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.partitions import attempt_key, partition_index


def index(key: str, partitions: int) -> int:
    return partition_index(key.encode(), partitions, zlib.crc32)


@given(image_id=st.uuids(), attempt=st.integers(1, 1_000), partitions=st.integers(2, 64))
def test_each_attempt_lies_in_the_partition_after_the_one_before(
    image_id: uuid.UUID, attempt: int, partitions: int
) -> None:
    here, next_one = (index(attempt_key(image_id, each), partitions) for each in (attempt, attempt + 1))
    assert next_one == (here + 1) % partitions


@pytest.mark.parametrize("members", [2, 3, 4, 6, 12])
def test_so_the_next_attempt_is_another_members(members: int) -> None:
    """As the round robin hands out 12 partitions."""
    for number in range(200):
        owners = [index(attempt_key(uuid.UUID(int=number), n), 12) % members for n in (1, 2)]
        assert owners[0] != owners[1]


@pytest.mark.parametrize("key", ["0193", "", "a/b", "a/-1", "a/²"])
def test_any_other_key_lies_where_its_hash_says(key: str) -> None:
    assert index(key, 7) == zlib.crc32(key.partition("/")[0].encode()) % 7
