"""img2dataset is believed by its own statistics, and only when it did every image."""

import json
from pathlib import Path

import pytest

from bench.figures import WrongResult
from bench.yardsticks.img2dataset import LOCK, per_second


def statistics(folder: Path, *shards: tuple[float, float, int]) -> Path:
    for number, (start, end, successes) in enumerate(shards):
        told = {"start_time": start, "end_time": end, "successes": successes}
        (folder / f"{number:05}_stats.json").write_text(json.dumps(told))
    return folder


def test_its_speed_is_from_the_first_start_to_the_last_end_of_its_processes(tmp_path: Path) -> None:
    assert per_second(statistics(tmp_path, (100.0, 103.0, 50), (101.0, 105.0, 50)), 100) == 20


def test_an_image_it_did_not_do_makes_the_measurement_worthless(tmp_path: Path) -> None:
    with pytest.raises(WrongResult, match="99 of 100"):
        per_second(statistics(tmp_path, (100.0, 103.0, 99)), 100)


def test_its_packages_are_pinned_by_hash_and_none_names_a_host() -> None:
    lock = LOCK.read_text()
    assert "img2dataset==" in lock
    assert lock.count("==") <= lock.count("--hash=sha256:")
    assert "://" not in lock
