"""What a local folder promises beyond the port: durable writes, nothing half, a disk's errors told apart."""

import asyncio
import errno
import os
import shutil
import stat
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import Mock

import pytest

from shared.observing.disk_headroom import DISKS
from shared.observing.metrics import DISK_HEADROOM
from shared.outcomes import Away, Full
from shared.store import Refused, Store, disk, open_store
from shared.store.native_files import NativeFiles, native_files
from tests.worlds.patience import DEADLINE_SECONDS, until

KEY = "requests/0193/original/0-abc.jpg"
SYNCS_OF_KEY = 5  # the file, and each folder above it
THREADS_OF_OTHERS = 2


@pytest.fixture(autouse=True)
def step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where there is no C compiler; `test_native_files.py` breaks what the compiled steps do."""
    monkeypatch.setattr(disk, "native_files", lambda: None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"file://{tmp_path}/store")


async def write_all_ways(store: Store) -> None:
    await store.put("requests/1/put", b"x")
    await store.put_new("requests/2/new", b"x")
    async with store.writer("requests/3/written") as writer:
        await writer.write(b"x")


@pytest.fixture
def synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was, in this order."""
    noted: list[str] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink()).removeprefix(str(tmp_path))
        noted.append(path.split("#")[0])
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return noted


async def test_a_file_and_all_folders_above_it_are_synced_before_it_counts_as_written(
    store: Store, synced: list[str]
) -> None:
    await write_all_ways(store)
    assert synced == [
        step
        for number in (1, 2, 3)
        for step in ("/store/.unfinished/new", f"/store/requests/{number}", "/store/requests", "/store")
    ]


async def test_of_files_written_together_each_folder_above_them_is_synced_once(
    store: Store, synced: list[str]
) -> None:
    """The picture and its original waited for three of them twice."""
    await store.put_all([("requests/1/original/a", b"x"), ("requests/1/output/b", b"x")])
    assert synced[:2] == ["/store/.unfinished/new"] * 2
    above = ("/requests/1/original", "/requests/1/output", "/requests/1", "/requests", "")
    assert sorted(synced[2:]) == sorted(f"/store{each}" for each in above)


async def test_what_cannot_be_synced_is_not_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(Away, match="the disk is broken"):
        await store.put(KEY, b"x")
    assert [batch async for batch in store.list("")] == []


def is_folder(descriptor: int) -> bool:
    return stat.S_ISDIR(os.fstat(descriptor).st_mode)


async def test_what_is_put_while_the_disk_is_busy_shares_the_next_syncs_of_its_folder(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R22"""
    await store.put(KEY, b"x")
    all_have_asked = threading.Event()
    folder_syncs: list[int] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        all_have_asked.wait(DEADLINE_SECONDS)
        if is_folder(descriptor):
            folder_syncs.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    async with asyncio.TaskGroup() as group:
        for number in range(100):
            group.create_task(store.put(f"requests/0193/original/{number}-abc.jpg", b"x"))
        await asyncio.sleep(0)
        all_have_asked.set()
    assert 0 < len(folder_syncs) < 50


async def test_none_of_those_who_share_a_sync_that_fails_is_told_that_it_is_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R22"""
    await store.put(KEY, b"x")
    real = os.fsync

    def fails_for_folders(descriptor: int) -> None:
        if is_folder(descriptor):
            raise OSError(errno.EIO, "the disk is broken")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fails_for_folders)
    puts = (store.put(f"requests/0193/original/{number}-abc.jpg", b"x") for number in range(50))
    answers = await asyncio.gather(*puts, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Away] * 50


async def test_a_file_that_cannot_be_synced_costs_only_itself(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = range(20, 100, 5)
    all_have_asked = threading.Event()
    real = os.fsync

    def fails_for_some(descriptor: int) -> None:
        all_have_asked.wait(DEADLINE_SECONDS)
        if os.fstat(descriptor).st_size in broken:
            raise OSError(errno.EIO, "the disk is broken")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fails_for_some)
    puts = [
        asyncio.create_task(store.put(f"requests/0193/original/{number}-abc.jpg", bytes(number)))
        for number in range(100)
    ]
    await asyncio.sleep(0)
    all_have_asked.set()
    answers = await asyncio.gather(*puts, return_exceptions=True)
    assert [number for number, answer in enumerate(answers) if isinstance(answer, Away)] == list(broken)
    assert answers.count(None) == 100 - len(broken)


async def test_who_comes_second_hears_so_only_once_the_first_is_durable(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.put_new(KEY, b"first")
    synced: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(is_folder(descriptor)))
    assert await store.put_new(KEY, b"second") is False
    assert True in synced
    assert await store.get(KEY) == b"first"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
async def test_a_disk_that_takes_nothing_is_away(
    store: Store, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R22"""

    def fails(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "write", fails)
    with pytest.raises(Away):
        await store.put(KEY, b"x")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
async def test_a_full_disk_is_called_full(store: Store, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """R22: and what is free and what is needed is told."""
    monkeypatch.setattr(os, "write", Mock(side_effect=OSError(number, os.strerror(number))))
    with pytest.raises(Full, match="MiB are free"):
        await store.put(KEY, b"x")


async def test_a_disk_that_is_nearly_full_has_no_room_but_answers(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.check_room()
    monkeypatch.setattr("shared.store.room.NEEDED_BYTES", 2**62)
    with pytest.raises(Full, match=r"[\d.,]+ MiB are free, [\d,]+ MiB are needed"):
        await store.check_room()
    await store.check()  # who only reads goes on


async def test_a_disk_that_hangs_is_away_in_bounded_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_told = threading.Event()
    synced: list[int] = []

    def hangs(descriptor: int) -> None:
        was_told.wait(DEADLINE_SECONDS)
        synced.append(descriptor)

    monkeypatch.setattr("shared.store.bucket.STORE_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(os, "fsync", hangs)
    with pytest.raises(Away):
        await store.put(KEY, b"x")
    was_told.set()
    await until(lambda: len(synced) == SYNCS_OF_KEY)  # its thread is not left to the next test


@pytest.mark.parametrize(
    "question",
    [
        lambda store: store.check(),
        lambda store: store.get(KEY),
        lambda store: store.delete([KEY]),
        lambda store: store.folders(""),
    ],
)
async def test_a_disk_that_hangs_where_it_is_looked_for_holds_nothing_else_up(
    question: Callable[[Store], Awaitable[object]], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R08: as one of a network does whose server is gone. The whole process had stood still."""
    goes_on = threading.Event()
    monkeypatch.setattr("shared.store.bucket.STORE_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(Path, "is_dir", lambda _: goes_on.wait(DEADLINE_SECONDS))
    with pytest.raises(Away, match="does not answer"):
        await question(store)
    goes_on.set()


@pytest.mark.parametrize("name", ["check", "check_room"])
async def test_a_disk_that_hangs_takes_no_thread_from_whoever_else_needs_one(
    name: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R08: readiness asks every few seconds. Soon no upload was read, and no large file hashed."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS_OF_OTHERS))
    goes_on = threading.Event()
    monkeypatch.setattr("shared.store.bucket.STORE_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(Path, "is_dir", lambda _: name == "check_room" or goes_on.wait(DEADLINE_SECONDS))
    monkeypatch.setattr("shared.store.folder.free_room", lambda _: goes_on.wait(DEADLINE_SECONDS))
    for _ in range(THREADS_OF_OTHERS + 1):
        with pytest.raises(Away, match="does not answer"):
            await getattr(store, name)()
    assert await asyncio.to_thread(lambda: not goes_on.is_set())
    goes_on.set()


async def test_what_is_left_of_its_disk_is_shown(store: Store) -> None:
    """R21"""
    DISK_HEADROOM.clear()
    await DISKS.look()
    await store.check()
    assert DISK_HEADROOM.labels("store")._value.get() > 0


async def test_a_name_that_the_disk_cannot_hold_is_refused(store: Store) -> None:
    with pytest.raises(Refused):
        await store.put("requests/" + "n" * 300, b"x")


async def test_a_key_below_another_objects_key_is_refused(store: Store) -> None:
    """A file stands where the key needs a folder: the store cannot take this object, whoever asks."""
    await store.put("requests/1", b"a file")
    with pytest.raises(Refused):
        await store.put("requests/1/source.csv", b"x")


async def test_a_folder_that_vanished_is_away_and_not_missing_and_is_not_made_again(
    store: Store, tmp_path: Path
) -> None:
    """R08: or every result would read as lost."""
    shutil.rmtree(tmp_path / "store")
    for question in (store.get(KEY), store.check(), store.size(KEY), store.put(KEY, b"x")):
        with pytest.raises(Away):
            await question
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("steps", [native_files, lambda: None])
async def test_a_disk_that_is_mounted_no_more_is_away_and_nothing_is_made_in_its_place(
    steps: Callable[[], NativeFiles | None], store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R08: below it an empty folder shows. A request whose rows were asked for then had failed for good."""
    monkeypatch.setattr(disk, "native_files", steps)
    await store.put(KEY, b"x")
    folder = tmp_path / "store"
    folder.rename(tmp_path / "disk")
    folder.mkdir()
    questions = (store.get, store.size, lambda key: store.put(key, b"x"), lambda key: store.delete([key]))
    for question in questions:
        with pytest.raises(Away, match="not mounted"):
            await question(KEY)
    with pytest.raises(Away, match="not mounted"):
        await store.folders("requests")
    with pytest.raises(Away, match="not mounted"):
        _ = [batch async for batch in store.list("")]
    assert list(folder.iterdir()) == []
    folder.rmdir()
    (tmp_path / "disk").rename(folder)
    assert await store.get(KEY) == b"x"


async def test_a_disk_that_was_mounted_read_only_has_no_room(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R22: ingest tells it before an upload meets it."""
    disk_as_it_is = os.statvfs
    read_only = Mock(f_bavail=2**40, f_frsize=4096, f_files=0, f_flag=os.ST_RDONLY)
    monkeypatch.setattr(os, "statvfs", lambda _: read_only)
    with pytest.raises(Away, match="read-only"):
        await store.check_room()
    await store.check()  # who only reads goes on
    monkeypatch.setattr(os, "statvfs", disk_as_it_is)
    await store.check_room()


async def test_what_a_crash_left_half_written_is_in_no_list_and_goes_after_a_day(
    store: Store, tmp_path: Path
) -> None:
    """R22"""
    unfinished = tmp_path / "store" / ".unfinished"
    old, new = unfinished / "new#1", unfinished / "new#2"
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    day_old = time.time() - 2 * 86_400
    os.utime(old, (day_old, day_old))
    assert [batch async for batch in store.list("")] == []
    open_store(f"file://{tmp_path}/store")
    assert (old.exists(), new.exists()) == (False, True)


async def test_two_stores_of_one_folder_agree_on_who_was_first(store: Store, tmp_path: Path) -> None:
    other = open_store(f"file://{tmp_path}/store")
    for number in range(50):
        key = f"idempotency/local/{number}.json"
        assert sorted(
            await asyncio.gather(store.put_new(key, b"a" * 5000), other.put_new(key, b"b" * 5000))
        ) == [False, True]


async def test_a_folder_goes_with_its_last_file_and_one_that_is_empty_is_not_told(
    store: Store, tmp_path: Path
) -> None:
    await write_all_ways(store)
    (tmp_path / "store/requests/left/original").mkdir(parents=True)
    assert await store.folders("requests/") == ["requests/1", "requests/2", "requests/3"]
    await store.delete(["requests/1/put", "requests/2/new"])
    assert await store.folders("requests/") == ["requests/3"]
    assert not (tmp_path / "store/requests/1").exists()
    await store.delete(["requests/3/written"])
    await store.put("requests/3/again", b"x")
    assert await store.get("requests/3/again") == b"x"


async def test_who_writes_is_not_disturbed_by_who_removes_the_folders_last_file(store: Store) -> None:
    async def written_and_removed(number: int) -> None:
        key = f"requests/1/output/{number}"
        await store.put(key, b"x")
        assert await store.get(key) == b"x"
        await store.delete([key])

    for start in range(0, 200, 8):
        await asyncio.gather(*(written_and_removed(start + number) for number in range(8)))
    assert await store.folders("requests/") == []
