"""The object store's promises, kept alike by the real local folder and by the fake that tests use."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.handling import Away
from shared.store import Missing, Refused, Store, open_store
from shared.testing import FakeStore

KEY = "requests/0193/original/0-abc.jpg"


@pytest.fixture(params=["folder", "fake"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return open_store(f"file://{tmp_path}/a%20store") if request.param == "folder" else FakeStore()


async def all_of(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def write_half(store: Store) -> None:
    async with store.writer(KEY) as writer:
        await writer.write(b"half")
        raise ZeroDivisionError


async def keys_below(store: Store, prefix: str) -> set[str]:
    return {key async for batch in store.list(prefix) for key in batch}


@pytest.mark.parametrize("data", [b"", b"x", bytes(range(256)) * 5000])
async def test_what_is_put_is_got_back(store: Store, data: bytes) -> None:
    """R08"""
    await store.put(KEY, data)
    assert await store.get(KEY) == data
    assert await store.size(KEY) == len(data)
    assert await all_of(store.stream(KEY)) == data


async def test_a_second_put_replaces_the_first(store: Store) -> None:
    await store.put(KEY, b"one")
    await store.put(KEY, b"two")
    assert await store.get(KEY) == b"two"


async def test_put_new_writes_only_once_however_many_try(store: Store) -> None:
    wrote = await asyncio.gather(*(store.put_new(KEY, str(n).encode()) for n in range(20)))
    assert wrote.count(True) == 1
    assert await store.get(KEY) == str(wrote.index(True)).encode()


async def test_an_object_that_is_not_there_is_missing(store: Store) -> None:
    for question in (store.get(KEY), store.size(KEY), all_of(store.stream(KEY))):
        with pytest.raises(Missing):
            await question


async def test_a_written_object_appears_whole_at_the_end_of_its_block(store: Store) -> None:
    async with store.writer(KEY) as writer:
        for _ in range(50):
            await writer.write(b"row\n" * 10_000)
        with pytest.raises(Missing):
            await store.get(KEY)
    assert await store.size(KEY) == 50 * 40_000


async def test_a_block_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        await write_half(store)
    with pytest.raises(Missing):
        await store.get(KEY)
    assert await keys_below(store, "requests/") == set()


async def test_a_failed_rewrite_leaves_what_was_there(store: Store) -> None:
    await store.put(KEY, b"whole")
    with pytest.raises(ZeroDivisionError):
        await write_half(store)
    assert await store.get(KEY) == b"whole"


async def test_keys_are_listed_below_their_prefix_only(store: Store) -> None:
    for key in ("requests/1/source.csv", "requests/1/output/0-a.jpg", "requests/2/source.csv"):
        await store.put(key, b"x")
    assert await keys_below(store, "requests/1/") == {"requests/1/source.csv", "requests/1/output/0-a.jpg"}
    assert await keys_below(store, "nothing/") == set()


async def test_deleting_takes_what_is_there_and_does_not_mind_the_rest(store: Store) -> None:
    await store.put(KEY, b"x")
    await store.delete([KEY, "requests/none.jpg"])
    await store.delete([KEY])
    assert await keys_below(store, "") == set()


async def test_a_store_that_answers_passes_its_check(store: Store) -> None:
    await store.check()


async def test_a_folder_that_vanished_is_away_and_not_missing(tmp_path: Path) -> None:
    """R08: or every result would read as lost."""
    folder = tmp_path / "store"
    store = open_store(f"file://{folder}")
    shutil.rmtree(folder)
    for question in (store.get(KEY), store.check(), store.size(KEY)):
        with pytest.raises(Away):
            await question


async def test_a_folder_that_may_not_be_written_is_no_lost_object(tmp_path: Path) -> None:
    """A file stands where the key needs a folder: the store cannot take this object, whoever asks."""
    store = open_store(f"file://{tmp_path}")
    await store.put("requests/1", b"a file")
    with pytest.raises((Refused, Away)):
        await store.put("requests/1/source.csv", b"x")


async def test_folders_are_what_holds_keys_directly_below_a_prefix(store: Store) -> None:
    for key in ("requests/a/1.jpg", "requests/a/b/2.jpg", "requests/c/3.jpg", "requests/file", "other/d/4"):
        await store.put(key, b"x")
    assert sorted(await store.folders("requests/")) == ["requests/a", "requests/c"]
    assert await store.folders("nothing/") == []


async def test_keys_can_be_asked_for_by_when_they_were_written(store: Store) -> None:
    await store.put(KEY, b"x")
    now = datetime.now(UTC)

    async def before(moment: datetime) -> list[str]:
        return [key async for keys in store.list("requests/", written_before=moment) for key in keys]

    assert await before(now - timedelta(minutes=1)) == []
    assert await before(now + timedelta(minutes=1)) == [KEY]
