"""Product-sized JPEGs, cut from the photographs in Debian's wallpaper packages and kept in a cache folder."""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from bench.figures import say

PACKAGES = ("mate-backgrounds", "lomiri-wallpapers-16.04", "ukui-wallpapers")
CROPS = 400
SEED = 20_261_121
SIDES = ((400, 300), (640, 480), (800, 800), (1000, 750), (1200, 900), (1000, 1400))  # 0.1 to 1.4 megapixels
QUALITIES = (85, 88, 90, 92)
SMALLEST_PHOTO_BYTES = 100_000


class NoPhotographs(Exception):  # noqa: N818 - one line for a person
    """The photographs cannot be had here."""


def product_photos() -> Sequence[Path]:
    """The crops, made once; the same ones wherever the packages and Pillow are the same."""
    folder = _cache() / "crops"
    if not folder.exists():
        _make(folder)
    return sorted(folder.glob("*.jpg"))


def _make(folder: Path) -> None:
    """The folder appears whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as temporary:
        unpacked, crops = Path(temporary, "unpacked"), Path(temporary, "crops")
        unpacked.mkdir()
        crops.mkdir()
        say(f"fetching photographs: {', '.join(PACKAGES)}")
        _unpack(unpacked)
        photographs = sorted(_photographs(unpacked))
        if not photographs:
            raise NoPhotographs("the packages hold no JPEG photographs")
        say(f"cutting {CROPS} images from {len(photographs)} photographs")
        cut(photographs, crops, CROPS)
        crops.rename(folder)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pixmill-bench"


def _unpack(folder: Path) -> None:
    download = ["apt-get", "-qq", "download", *PACKAGES]
    try:
        if not _succeeds(download, folder) and os.geteuid() == 0:
            _run(["apt-get", "-qq", "update"], folder)  # a fresh machine has no lists
        _run(download, folder)
        for package in folder.glob("*.deb"):
            _run(["dpkg-deb", "-x", str(package), str(folder)], folder)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoPhotographs(f"they come from Debian's packages {', '.join(PACKAGES)}: {error}") from error


def _succeeds(command: Sequence[str], folder: Path) -> bool:
    return subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode == 0


def _run(command: Sequence[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)


def _photographs(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*.jpg"):
        if path.is_file() and not path.is_symlink() and path.stat().st_size > SMALLEST_PHOTO_BYTES:
            yield path


def cut(photographs: Sequence[Path], folder: Path, crops: int) -> None:
    """The photographs in turn; sides, places and qualities are drawn from one seed."""
    chance = random.Random(SEED)
    for number in range(crops):
        with Image.open(photographs[number % len(photographs)]) as photograph:
            width, height = chance.choice(SIDES)
            width, height = min(width, photograph.width), min(height, photograph.height)
            left = chance.randrange(photograph.width - width + 1)
            top = chance.randrange(photograph.height - height + 1)
            crop = photograph.convert("RGB").crop((left, top, left + width, top + height))
        crop.save(folder / f"{number:03}.jpg", "JPEG", quality=chance.choice(QUALITIES))
