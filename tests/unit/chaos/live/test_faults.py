"""The catalogue of faults, poison, and what a power cut takes from a log."""

import random
import struct
from pathlib import Path

import pytest

from chaos.live.faults import poison, power_cut
from chaos.live.faults.catalogue import FAULTS
from chaos.live.journal import MARK_HEADER
from shared.consuming.broker import Partition, Record
from shared.consuming.cloud_events import decode
from shared.contract.events import Topic
from shared.outcomes import Invalid


def test_no_two_faults_have_one_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("kind", poison.KINDS)
def test_nobody_can_read_poison_and_its_mark_stays_with_it(kind: str, topic: Topic) -> None:
    sent = poison.KINDS[kind](topic, b"mark")
    assert sent.key is not None or sent.value is not None  # no producer sends it otherwise
    assert dict(sent.headers)[MARK_HEADER] == b"mark"
    record = Record(
        partition=Partition(sent.topic, 0),
        offset=0,
        key=sent.key,
        value=sent.value,
        headers=sent.headers,
        timestamp_ms=0,
    )
    with pytest.raises(Invalid):
        decode(record)


def batch(first_offset: int, content: bytes) -> bytes:
    return struct.pack(">qi", first_offset, len(content)) + content


SEGMENT = batch(100, b"a" * 50) + batch(103, b"b" * 20) + batch(104, b"c" * 30)


@pytest.mark.parametrize(("flushed", "at"), [(0, 0), (100, 0), (103, 62), (104, 94), (105, 136), (900, 136)])
def test_what_is_known_to_be_on_the_disk_ends_with_a_batch(flushed: int, at: int) -> None:
    assert power_cut.flushed_bytes(SEGMENT, flushed) == at


def test_the_end_of_a_batch_that_was_half_written_is_not_on_the_disk() -> None:
    assert power_cut.flushed_bytes(SEGMENT + struct.pack(">q", 105), 105) == len(SEGMENT)


@pytest.mark.parametrize("seed", range(20))
def test_a_power_cut_takes_only_what_was_not_on_the_disk_and_spares_what_nobody_else_remembers(
    tmp_path: Path, seed: int
) -> None:
    spared = f"{Topic.CSV_ACCEPTED}-0"
    for name in (f"{Topic.IMAGE_DONE}-0", f"{Topic.IMAGE_DONE}-1", spared):
        (tmp_path / name).mkdir()
        (tmp_path / name / "00000000000000000050.log").write_bytes(b"an older segment")
        (tmp_path / name / "00000000000000000100.log").write_bytes(SEGMENT)
    flushed = f"0\n2\n{Topic.IMAGE_DONE} 0 103\n{Topic.IMAGE_DONE} 1 105\n"
    (tmp_path / power_cut.CHECKPOINT).write_text(flushed)
    lost = power_cut.cut_logs(tmp_path, random.Random(seed))
    left = {
        folder.name: (folder / "00000000000000000100.log").read_bytes()
        for folder in tmp_path.iterdir()
        if folder.is_dir()
    }
    assert left[spared] == left[f"{Topic.IMAGE_DONE}-1"] == SEGMENT
    kept = left[f"{Topic.IMAGE_DONE}-0"]
    assert SEGMENT.startswith(kept)
    assert len(kept) >= 62
    assert lost == len(SEGMENT) - len(kept)
    assert (tmp_path / spared / "00000000000000000050.log").read_bytes() == b"an older segment"
