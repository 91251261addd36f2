"""The crops are product-sized and the same each time; a machine without the packages says so in one line."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bench.world import photos as module
from bench.world.photos import PRODUCTS, NoPhotographs, cut, photos
from tests.worlds.files.pictures import noise


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    file = tmp_path / "large.jpg"
    noise((1500, 1500), spread=90).convert("RGB").save(file, "JPEG", quality=92)
    return file


def crops_of(photograph: Path, folder: Path) -> Sequence[Path]:
    folder.mkdir()
    cut([photograph], folder, replace(PRODUCTS, count=12))
    return sorted(folder.iterdir())


def test_crops_have_sizes_of_products_and_are_the_same_each_time(photograph: Path, tmp_path: Path) -> None:
    first, second = (crops_of(photograph, tmp_path / name) for name in ("first", "second"))
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]
    assert len({file.read_bytes() for file in first}) == 12
    for file in first:
        with Image.open(file) as crop:
            assert crop.size in PRODUCTS.sides


def test_a_photograph_smaller_than_a_crop_is_taken_whole(tmp_path: Path) -> None:
    small = tmp_path / "small.jpg"
    Image.new("RGB", (300, 200), "red").save(small, "JPEG")
    for file in crops_of(small, tmp_path / "crops"):
        with Image.open(file) as crop:
            assert crop.size == (300, 200)


def test_without_apt_it_says_where_photographs_come_from_and_leaves_no_half_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoPhotographs, match="Debian's packages") as caught:
        photos(PRODUCTS)
    assert "\n" not in str(caught.value)
    assert list((tmp_path / "pixmill-bench").iterdir()) == []


def test_cached_crops_are_taken_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "_unpack", lambda _folder: pytest.fail("downloads again"))
    (tmp_path / "pixmill-bench" / "crops").mkdir(parents=True)
    for name in ("001.jpg", "000.jpg"):
        (tmp_path / "pixmill-bench" / "crops" / name).touch()
    assert [file.name for file in photos(PRODUCTS)] == ["000.jpg", "001.jpg"]
