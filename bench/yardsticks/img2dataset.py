"""img2dataset beside the stack: the well-known downloader on the same list, at the same quality.

It lives in an environment of its own in the cache folder, installed from a lock of its own; nothing of
the project imports it.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.figures import WrongResult, say
from bench.world.photos import cache
from bench.world.shop import Shop

LOCK = Path(__file__).parent / "img2dataset_environment" / "requirements.lock"
UV = Path(sys.executable).parent / "uv"
THREADS = 32  # a process
MOST_SECONDS = 240.0
QUIET = {"NO_ALBUMENTATIONS_UPDATE": "1", "WANDB_MODE": "disabled"}
SCRIPT = """
import sys
from img2dataset import download
urls, folder, processes, threads, a_shard = sys.argv[1:]
download(
    urls, output_folder=folder, processes_count=int(processes), thread_count=int(threads),
    number_sample_per_shard=int(a_shard), resize_mode="no", encode_quality=50, encode_format="jpg",
    extract_exif=False, output_format="files",
)
"""


class NotInstalled(Exception):  # noqa: N818 - one line for a person
    """img2dataset cannot be had here."""


@dataclass(frozen=True, slots=True)
class OtherSpeed:
    """Images a second of the whole command, and of its work without its start, which takes seconds."""

    of_the_command: float
    at_work: float


def img2dataset(shop: Shop, images: int) -> OtherSpeed:
    """Runs it with one process for each core."""
    python = _installed()
    say("img2dataset")
    processes = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="pixmill-bench-") as folder:
        urls, output = Path(folder, "urls.txt"), Path(folder, "output")
        urls.write_text("\n".join(shop.urls(images, "img2dataset")))
        arguments = (urls, output, processes, THREADS, -(-images // processes))
        started = time.perf_counter()
        ended = subprocess.run(
            [str(python), "-c", SCRIPT, *map(str, arguments)],
            env={**os.environ, **QUIET},
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
        seconds = time.perf_counter() - started
        if ended.returncode:
            raise WrongResult(f"img2dataset ended with {ended.returncode}: {ended.stderr[-300:]}")
        return OtherSpeed(images / seconds, per_second(output, images))


def per_second(output: Path, images: int) -> float:
    """From its statistics: one file a shard, and one shard a process."""
    shards = [json.loads(file.read_text()) for file in output.glob("*_stats.json")]
    done = sum(shard["successes"] for shard in shards)
    if done != images:
        raise WrongResult(f"img2dataset did {done} of {images} images")
    return float(images / (max(s["end_time"] for s in shards) - min(s["start_time"] for s in shards)))


def _installed() -> Path:
    """The Python of its environment. A copy of the lock there says that the installation was completed."""
    environment = cache() / "img2dataset"
    mark, python = environment / "installed.lock", environment / "bin" / "python"
    if not mark.exists() or mark.read_bytes() != LOCK.read_bytes():
        say("installing img2dataset into the cache folder")
        _uv("venv", "--clear", "--python", sys.executable, str(environment))
        _uv("pip", "sync", "--python", str(python), "--require-hashes", str(LOCK))
        mark.write_bytes(LOCK.read_bytes())
    return python


def _uv(*arguments: str) -> None:
    try:
        subprocess.run([str(UV), "--quiet", *arguments], check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotInstalled(f"img2dataset is installed from {LOCK.name}: {error}") from error
