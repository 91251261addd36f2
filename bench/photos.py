"""Product-sized JPEGs, cut from the photographs in Debian's wallpaper packages and kept in a cache folder."""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

PACKAGES = ("mate-backgrounds", "lomiri-wallpapers-16.04", "ukui-wallpapers")
CROPS = 400
SEED = 20_261_121
SIDES = ((400, 300), (640, 480), (800, 800), (1000, 750), (1200, 900), (1000, 1400))  # 0.1 to 1.4 megapixels
QUALITIES = (85, 88, 90, 92)
SMALLEST_PHOTO_BYTES = 100_000


class NoPhotographs(Exception):  # noqa: N818 - one line for a person
    """The photographs cannot be had here."""


def product_photos() -> Sequence[Path]:
    """The crops, the same ones on every machine; made once."""
    folder = _cache() / "crops"
    files = sorted(folder.glob("*.jpg"))
    if len(files) >= CROPS:
        return files
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as unpacked:
        _unpack(Path(unpacked))
        photographs = sorted(_photographs(Path(unpacked)))
        if not photographs:
            raise NoPhotographs("the packages hold no JPEG photographs")
        _cut(photographs, folder)
    return sorted(folder.glob("*.jpg"))


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pixmill-bench"


def _unpack(folder: Path) -> None:
    try:
        if os.geteuid() == 0:
            _run(["apt-get", "-qq", "update"], folder)
        _run(["apt-get", "-qq", "download", *PACKAGES], folder)
        for package in folder.glob("*.deb"):
            _run(["dpkg-deb", "-x", str(package), str(folder)], folder)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoPhotographs(f"the photographs come from Debian's packages {PACKAGES}: {error}") from error


def _run(command: Sequence[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)


def _photographs(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*.jpg"):
        if path.is_file() and not path.is_symlink() and path.stat().st_size > SMALLEST_PHOTO_BYTES:
            yield path


def _cut(photographs: Sequence[Path], folder: Path) -> None:
    chance = random.Random(SEED)
    for number in range(CROPS):
        with Image.open(photographs[number % len(photographs)]) as photograph:
            width, height = chance.choice(SIDES)
            width, height = min(width, photograph.width), min(height, photograph.height)
            left = chance.randrange(photograph.width - width + 1)
            top = chance.randrange(photograph.height - height + 1)
            crop = photograph.convert("RGB").crop((left, top, left + width, top + height))
        crop.save(folder / f"{number:03}.jpg", "JPEG", quality=chance.choice(QUALITIES))
