"""Files from the server onto the disk: resumed where they broke off, checked, and only then given their name.

Beside the name a file has while it is being written (`.part`), nothing half is ever left. Two downloads into
one folder may run at once: neither writes in what the other has begun.
"""

import errno
import os
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pixmill.errors import DamagedFileError, PixmillError, RefusedError, UnreachableError
from pixmill.flows.calling import opened
from pixmill.flows.effects import Call, Emit, Flow, Pause, Read
from pixmill.flows.parts import being_written
from pixmill.flows.paths import file_url, request_path
from pixmill.flows.places import is_stream, shortened
from pixmill.patience import Patience
from pixmill.records import Image

_PARTIAL = 206
_NO_SUCH_RANGE = 416
# The server's name of a file says how its sha256 begins.
_HASH_IN_NAME = re.compile(r"-([0-9a-f]{32,64})\.[a-z0-9]+$")
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
_LONGEST_STEM = 80
_READ_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Saved:
    """A file that is whole under its name. `fresh` is false if it already was."""

    path: Path
    length: int
    fresh: bool


def table_saved(request_id: str, table: str, path: Path, patience: Patience) -> Flow[Saved]:
    """`output.csv`, `output.xlsx` or `failed.csv`; always the newest, so it is never resumed."""
    if is_stream(path):
        raise OSError(errno.EINVAL, "it is no file, and a file would take its place", str(path))
    with being_written(path) as part:
        try:
            yield from _fetched(request_path(request_id, f"/{table}"), part, patience, resumes=False)
        except PixmillError:
            part.unlink(missing_ok=True)
            raise
        return _named(part, path)


def image_saved(image: Image, folder: Path, patience: Patience) -> Flow[Saved]:
    """One image's output. Raises DamagedFileError if it is not what its sha256 says."""
    url = str(image.output_url)
    path, begins = folder / image_name(image), _hash_of(url)
    if path.exists() and _is(path, begins):
        return Saved(path, path.stat().st_size, fresh=False)
    with being_written(path) as part:
        had_begun = _length(part) > 0
        yield from _fetched(file_url(url), part, patience)
        if had_begun and not _is(part, begins):  # it was the beginning of something else
            os.truncate(part, 0)
            yield from _fetched(file_url(url), part, patience)
        if not _is(part, begins):
            part.unlink()
            raise DamagedFileError(f"{path.name} came damaged: its sha256 does not begin with {begins!r}.")
        return _named(part, path)


def image_name(image: Image) -> str:
    """Its place in the file, from 1, and the name that it has at the shop: `00012-teapot.jpg`."""
    shop_name = unquote(urlsplit(image.input_url).path.rsplit("/", 1)[-1])
    stem = (
        shortened(_NOT_IN_NAMES.sub("-", shop_name.rsplit(".", 1)[0])[:_LONGEST_STEM]).strip("-.") or "image"
    )
    extension = urlsplit(str(image.output_url)).path.rsplit(".", 1)[-1]
    return f"{image.ordinal + 1:05}-{stem}.{_NOT_IN_NAMES.sub('', extension)}"


def _fetched(url: str, part: Path, patience: Patience, *, resumes: bool = True) -> Flow[None]:
    """Tried again from where it broke off, or from the beginning."""
    for attempt in range(1, patience.tries + 1):
        have = _length(part) if resumes else 0
        call = Call("GET", url, headers={"range": f"bytes={have}-"} if have else {})
        try:
            answer = yield from opened(call, patience)
        except RefusedError as error:
            # All of it was there already, or too much: its hash tells.
            if have and error.status == _NO_SUCH_RANGE:
                return
            raise
        try:
            yield from _written(part, go_on=answer.status == _PARTIAL)
        except UnreachableError as failure:
            if attempt == patience.tries:
                raise
            yield Pause(patience.pause_seconds(attempt, None), failure)
        else:
            return


def _written(path: Path, *, go_on: bool = False) -> Flow[None]:
    with path.open("ab" if go_on else "wb") as file:
        while chunk := (yield Read()):
            file.write(chunk)
            yield Emit(len(chunk))


def _named(part: Path, path: Path) -> Saved:
    length = part.stat().st_size
    part.replace(path)
    return Saved(path, length, fresh=True)


def _length(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _hash_of(url: str) -> str:
    found = _HASH_IN_NAME.search(urlsplit(url).path)
    return found[1] if found else ""


def _is(path: Path, begins: str) -> bool:
    if not begins:
        return False
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest().startswith(begins)
