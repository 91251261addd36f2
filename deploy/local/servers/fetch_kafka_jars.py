"""Fetches the listed jars into the cache: `python -m deploy.local.servers.fetch_kafka_jars CACHE`; with
`--resolve` instead of a folder it resolves Kafka's dependencies anew and writes the list.

It only fetches files: it never lets jgo fetch a Java or start anything, and believes none of its checksums.
"""

import os
import re
import shutil
import ssl
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from deploy.local.servers.kafka_jars import LIST, BadJars, check, missing, sha256

KAFKA = "org.apache.kafka:kafka_2.13:4.3.0"
# Kafka's own dependencies leave it without a log.
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
PARALLEL_DOWNLOADS = 6
ATTEMPTS = 3
INCOMING = "incoming-"
_NOBODY_REACHED = re.compile(
    "name resolution|Name or service not known|[Nn]etwork is unreachable|No route to host"
)
FORGOTTEN_SECONDS = 3600


def main(target: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # One of jgo's dependencies complains at import when there is none.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        believe_what_the_system_does()
        try:
            resolve_anew(Path(folder)) if target == "--resolve" else fetch(Path(target))
        except (BadJars, OSError) as error:
            sys.exit(str(error))


def believe_what_the_system_does() -> None:
    """As pip and uv do: jgo's own list of authorities lacks that of a company's proxy."""
    bundle = ssl.get_default_verify_paths().cafile
    if bundle is not None:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", bundle)


def fetch(cache: Path) -> None:
    """Fetches what the cache lacks. A jar comes into the cache whole and checked, or not at all."""
    cache.mkdir(parents=True, exist_ok=True)
    _remove_forgotten(cache)
    digests = missing(cache)
    with tempfile.TemporaryDirectory(dir=cache, prefix=INCOMING) as incoming:
        _download(digests, Path(incoming))
        for path, digest in digests.items():
            check(Path(incoming, path), digest)
            (cache / path).parent.mkdir(parents=True, exist_ok=True)
            Path(incoming, path).replace(cache / path)


def resolve_anew(folder: Path) -> None:
    from jgo.maven import MavenContext  # noqa: PLC0415 - complains at import, see main
    from jgo.parse import Coordinate  # noqa: PLC0415 - as above

    context = MavenContext(repo_cache=folder, remote_repos=_repositories())
    chosen: dict[tuple[str, str], Path] = {}
    # One by one: if both are resolved together, log4j's table of versions overrules Kafka's.
    for name in (KAFKA, LOGGING):
        inputs, transitive = context.resolver.resolve([context.create_dependency(Coordinate.parse(name))])
        for found in (*inputs, *(found for found in transitive if found.scope in ("compile", "runtime"))):
            artifact = found.artifact
            chosen.setdefault((artifact.groupId, artifact.artifactId), artifact.resolve())
    lines = [f"{sha256(jar)}  {jar.relative_to(folder).as_posix()}\n" for jar in chosen.values()]
    LIST.write_text("".join(lines), "ascii")


def _download(digests: Mapping[str, str], folder: Path) -> None:
    import jgo  # noqa: F401, PLC0415 - imported once, before the threads do

    with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
        for _ in pool.map(lambda path: _download_one(path, folder), digests):
            pass


def _download_one(path: str, folder: Path) -> None:
    from jgo.maven import MavenContext  # noqa: PLC0415 - see resolve_anew

    *group, name, version, _ = PurePosixPath(path).parts
    for attempt in range(1, ATTEMPTS + 1):
        (folder / path).unlink(missing_ok=True)  # jgo does not write over the half that a failed attempt left
        context = MavenContext(repo_cache=folder, remote_repos=_repositories())
        try:
            context.project(".".join(group), name).at_version(version).artifact().resolve()
        except (RuntimeError, OSError) as error:  # requests' errors are OSErrors
            if attempt == ATTEMPTS:
                raise BadJars(f"cannot fetch {PurePosixPath(path).name}: {_reason(error)}") from error
            time.sleep(attempt)
        else:
            return


def _reason(error: Exception) -> str:
    """In words of ours where nobody was reached: the libraries tell three errors in one another."""
    text = str(error)
    return "no network: no host that has it could be reached" if _NOBODY_REACHED.search(text) else text


def _repositories() -> dict[str, str]:
    """The mirrors for which the user's jgo is set up, if any; else the usual place."""
    from jgo.config import GlobalSettings  # noqa: PLC0415 - see resolve_anew
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415 - as above

    return GlobalSettings.load().repositories or {"central": MAVEN_CENTRAL_URL}


def _remove_forgotten(cache: Path) -> None:
    """A fetch that was killed leaves its folder behind; one that runs beside this one is younger."""
    for folder in cache.glob(f"{INCOMING}*"):
        if time.time() - folder.stat().st_mtime > FORGOTTEN_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
