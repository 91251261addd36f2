"""What is loaded with which picture: a decoder child starts with little, the service itself reads none."""

import json
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

from services.processor.verdicts import Compressed
from shared.contract.picture_formats import PictureFormat
from tests.worlds.deployment.deployed import ROOT
from tests.worlds.files.pictures import photo, plain_jpeg, saved

TELLING = """
import json, sys
from pathlib import Path
import services.processor.decoders.child
from services.processor.codec.compress import compress
for path in sys.argv[1:]:
    print(type(compress(Path(path).read_bytes(), 50, None, 1_000_000)).__name__)
print(json.dumps(list(sys.modules)))
"""
SERVICE = "import json, sys, services.processor.__main__; print(json.dumps(list(sys.modules)))"
READ_BY_PILLOW_ANYWAY = {"Ppm"}  # it begins with it
HEAVY = {"PIL", "numpy", "simplejpeg"}


def modules(program: str, *arguments: str) -> Collection[str]:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    *verdicts, loaded = done.stdout.splitlines()
    assert set(verdicts) <= {Compressed.__name__}
    names: list[str] = json.loads(loaded)
    return names


def loaded_with(folder: Path, *pictures: bytes) -> Collection[str]:
    """By the codec, in a process that has met these and nothing before."""
    paths = [folder / str(number) for number in range(len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        path.write_bytes(picture)
    return modules(TELLING, *map(str, paths))


def test_the_service_itself_loads_nothing_that_reads_pictures() -> None:
    """R20: what a hostile file could be read by is in the children alone."""
    assert HEAVY.isdisjoint(modules(SERVICE))


def test_a_child_starts_and_makes_plain_jpegs_without_pillow_and_numpy(tmp_path: Path) -> None:
    assert HEAVY.isdisjoint(loaded_with(tmp_path, plain_jpeg()))


def test_a_picture_that_pillow_reads_alone_brings_no_numpy(tmp_path: Path) -> None:
    loaded = set(loaded_with(tmp_path, saved(photo(), "PNG")))
    assert "PIL" in loaded
    assert loaded.isdisjoint({"numpy", "simplejpeg"})


@pytest.mark.parametrize("name", [each.name for each in PictureFormat])
def test_of_pillow_no_other_formats_are_loaded_than_are_taken(name: str, tmp_path: Path) -> None:
    """R20: asked for one that it has not loaded, it would load forty."""
    jpeg_by_pixels = saved(photo(), "JPEG", quality=92, subsampling=0)
    loaded = loaded_with(tmp_path, saved(photo(), name), jpeg_by_pixels)
    ending = "ImagePlugin"
    plugins = {each.removeprefix("PIL.").removesuffix(ending) for each in loaded if each.endswith(ending)}
    assert {plugin.upper() for plugin in plugins - READ_BY_PILLOW_ANYWAY} == set(PictureFormat.__members__)
