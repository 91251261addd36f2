"""The object store's promises, kept alike by a local folder, plain and sealed, by a bucket on a real S3
server, and by the fake that tests use.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from shared.store import Missing, Store, bucket, open_store
from shared.testing.fakes import FakeStore
from tests.worlds.patience import DEADLINE_SECONDS

KEY = "requests/0193/original/0-abc.jpg"
KEY_OF_STORE = SecretStr(base64.b64encode(bytes(range(32))).decode())


@pytest.fixture(params=["folder", "sealed folder", "bucket", "fake"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Waited for as long as anything else, however busy the machine."""
    monkeypatch.setattr(bucket, "STORE_TIMEOUT_SECONDS", DEADLINE_SECONDS)
    match request.param:
        case "folder":
            return open_store(f"file://{tmp_path}/a%20store")
        case "sealed folder":
            return open_store(f"file://{tmp_path}", [KEY_OF_STORE])
        case "bucket":
            name = f"b-{uuid4().hex}"
            request.getfixturevalue("s3_environment").make_bucket(name)
            return open_store(f"s3://{name}/a/prefix", silence_seconds=DEADLINE_SECONDS)
    return FakeStore()


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


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        *((0, 1), (0, None), (5, None), (0, 65_536), (65_536, 65_537), (65_535, 65_537), (100, 300_000)),
        *((131_072, None), (199_999, None), (199_999, 200_000), (0, 200_000), (0, 900_000)),
    ],
)
async def test_a_part_of_an_object_is_streamed_alone(store: Store, start: int, stop: int | None) -> None:
    data = bytes(range(250)) * 800
    await store.put(KEY, data)
    assert await all_of(store.stream(KEY, start, stop)) == data[start:stop]


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


@pytest.mark.parametrize("key", ["../x", "requests/../../x", "a/./b"])
async def test_no_key_leads_out_of_the_store(store: Store, key: str) -> None:
    """R20: keys are ours alone, so such a one is a bug."""
    if isinstance(store, FakeStore):
        return
    with pytest.raises(ValueError, match=r"key|path"):
        await store.put(key, b"x")


async def test_what_is_overwritten_while_it_is_read_is_one_or_the_other(store: Store) -> None:
    one, other = b"1" * 300_000, b"2" * 300_000
    await store.put(KEY, one)

    async def rewrite() -> None:
        for _ in range(10):
            await store.put(KEY, other)
            await store.put(KEY, one)

    rewriting = asyncio.create_task(rewrite())
    while not rewriting.done():
        assert await store.get(KEY) in (one, other)
        await asyncio.sleep(0)  # the fake never waits for anything
    await rewriting


async def test_many_objects_are_listed_and_deleted_in_one_go(store: Store) -> None:
    keys = [f"requests/1/output/{number}.jpg" for number in range(1_100)]
    await asyncio.gather(*(store.put(key, b"x") for key in keys))
    assert await keys_below(store, "requests/1/") == set(keys)
    await store.delete(keys[:-1])
    assert await keys_below(store, "requests/1/") == {keys[-1]}


async def test_no_objects_to_delete_is_fine(store: Store) -> None:
    await store.delete([])


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
