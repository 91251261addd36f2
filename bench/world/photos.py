"""JPEGs cut from photographs in Debian's wallpaper packages, or from drawn ones, kept in a cache folder."""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bench.figures import say

PACKAGES = ("mate-backgrounds", "lomiri-wallpapers-16.04", "ukui-wallpapers")
SEED = 20_261_121
SMALLEST_PHOTO_BYTES = 100_000
DRAWINGS = 4
DRAWN_SIZE = (1600, 1400)
GRAIN = 0.03
BICUBIC = Image.Resampling.BICUBIC


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoSet:
    """Crops of one purpose."""

    folder: str
    count: int
    sides: Sequence[tuple[int, int]]
    qualities: Sequence[int]
    least_pixels: int = 0  # of a photograph that is cut
    is_drawn: bool = False  # nothing is fetched: for what counts and compares no sizes


PRODUCTS = PhotoSet(  # 0.1 to 1.4 megapixels
    folder="crops",
    count=400,
    sides=((400, 300), (640, 480), (800, 800), (1000, 750), (1200, 900), (1000, 1400)),
    qualities=(85, 88, 90, 92),
)
DRAWN = PhotoSet(folder="drawn", count=40, sides=PRODUCTS.sides, qualities=PRODUCTS.qualities, is_drawn=True)
CAMERA = PhotoSet(
    folder="camera",
    count=12,
    sides=((4224, 2848), (5312, 2988)),
    qualities=(90, 92, 95),
    least_pixels=12_000_000,
)
SMALL = PhotoSet(  # about 15 kB
    folder="small", count=200, sides=((400, 300), (360, 360), (420, 320)), qualities=(80, 85)
)
TINY = PhotoSet(  # 1 to 2 kB
    folder="tiny", count=200, sides=((56, 56), (64, 64), (80, 60)), qualities=(85, 90)
)


class NoPhotographs(Exception):  # noqa: N818 - one line for a person
    """The photographs cannot be had here."""


def photos(chosen: PhotoSet) -> Sequence[Path]:
    """The crops, made once; the same ones wherever the packages and Pillow are the same."""
    folder = cache() / chosen.folder
    if not folder.exists():
        _make(folder, chosen)
    return sorted(folder.glob("*.jpg"))


def cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pixmill-bench"


def _make(folder: Path, chosen: PhotoSet) -> None:
    """The folder appears whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as temporary:
        unpacked, crops = Path(temporary, "unpacked"), Path(temporary, "crops")
        unpacked.mkdir()
        crops.mkdir()
        if chosen.is_drawn:
            _draw(unpacked)
        else:
            say(f"fetching photographs: {', '.join(PACKAGES)}")
            _unpack(unpacked)
        photographs = sorted(_photographs(unpacked, chosen.least_pixels))
        if not photographs:
            raise NoPhotographs("the packages hold no JPEG photographs")
        say(f"cutting {chosen.count} images from {len(photographs)} photographs")
        cut(photographs, crops, chosen)
        crops.rename(folder)


def _draw(folder: Path) -> None:
    """Coloured clouds with some grain: about as much detail as in a photograph."""
    chance = random.Random(SEED)
    for number in range(DRAWINGS):
        clouds = Image.frombytes("RGB", (40, 40), chance.randbytes(40 * 40 * 3)).resize(DRAWN_SIZE, BICUBIC)
        grain = Image.frombytes("RGB", DRAWN_SIZE, chance.randbytes(DRAWN_SIZE[0] * DRAWN_SIZE[1] * 3))
        Image.blend(clouds, grain, GRAIN).save(folder / f"{number}.jpg", "JPEG", quality=95)


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


def _photographs(folder: Path, least_pixels: int) -> Iterator[Path]:
    for path in folder.rglob("*.jpg"):
        if path.is_file() and not path.is_symlink() and path.stat().st_size > SMALLEST_PHOTO_BYTES:
            with Image.open(path) as photograph:
                if photograph.width * photograph.height >= least_pixels:
                    yield path


def cut(photographs: Sequence[Path], folder: Path, chosen: PhotoSet) -> None:
    """The photographs in turn; sides, places and qualities are drawn from one seed."""
    chance = random.Random(SEED)
    for number in range(chosen.count):
        with Image.open(photographs[number % len(photographs)]) as photograph:
            width, height = chance.choice(chosen.sides)
            width, height = min(width, photograph.width), min(height, photograph.height)
            left = chance.randrange(photograph.width - width + 1)
            top = chance.randrange(photograph.height - height + 1)
            crop = photograph.convert("RGB").crop((left, top, left + width, top + height))
        crop.save(folder / f"{number:03}.jpg", "JPEG", quality=chance.choice(chosen.qualities))
