"""The jars that Apache Kafka runs from: a committed list with a sha256 each, and a cache of the user's where
every jar is compared with it before each start.

It must not know how jars are fetched, nor how the broker is started.
"""

import hashlib
import os
from pathlib import Path

LIST = Path(__file__).with_name("kafka_jars.sha256")


class BadJars(Exception):  # noqa: N818 - a state of the cache or the network
    """A jar is not the one of the list, or cannot be had. The message is one line for a person."""


def default_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return root / "pixmill" / "kafka-jars"


def class_path(cache: Path, listing: Path = LIST) -> str:
    """Every listed jar, each one checked now; `BadJars` when one is missing or differs."""
    digests = read_list(listing)
    for path, digest in digests.items():
        check(cache / path, digest)
    return os.pathsep.join(str(cache / path) for path in digests)


def missing(cache: Path, listing: Path = LIST) -> dict[str, str]:
    return {path: digest for path, digest in read_list(listing).items() if not (cache / path).is_file()}


def read_list(listing: Path = LIST) -> dict[str, str]:
    """Path in a Maven repository → sha256, in the order of the class path."""
    lines = listing.read_text(encoding="ascii").splitlines()
    return {path: digest for digest, path in (line.split() for line in lines)}


def check(jar: Path, digest: str) -> None:
    """Returns when the file is what the list says."""
    try:
        actual = sha256(jar)
    except OSError as error:
        raise BadJars(f"a jar of Kafka cannot be read: {jar} ({error.strerror})") from error
    if actual != digest:
        raise BadJars(f"refused: {jar} has sha256 {actual}, but {LIST.name} says {digest}")


def sha256(jar: Path) -> str:
    return hashlib.sha256(jar.read_bytes()).hexdigest()
