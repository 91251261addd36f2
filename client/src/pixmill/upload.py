"""What is uploaded: a file, bytes or rows, and the options beside it. It knows no HTTP client."""

import csv
import io
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

Rows = Iterable[Mapping[str, Any]]
CHUNK_BYTES = 256 * 1024
_AN_ADDRESS_BEGINS_WITHIN = re.compile(r"[\s,;|]\s*https?://", re.IGNORECASE)


@dataclass(frozen=True)
class Upload:
    """Options of an upload; None leaves them to the server. docs/api.md says what each means."""

    webhook_url: str | None = None
    quality: int | None = None
    format: str | None = None
    priority: str | None = None
    skip_invalid: bool = False
    columns: Mapping[str, Any] | None = None
    encoding: str | None = None

    def fields(self) -> Mapping[str, str]:
        """As the form has them."""
        given = {
            "webhook_url": self.webhook_url,
            "quality": self.quality,
            "format": self.format,
            "priority": self.priority,
            "on_invalid": "skip" if self.skip_invalid else None,
            "columns": json.dumps(self.columns, sort_keys=True) if self.columns else None,
            "encoding": self.encoding,
        }
        return {name: str(value) for name, value in given.items() if value is not None}


@dataclass(frozen=True)
class File:
    """A file that can be read from its beginning as often as it is sent."""

    name: str
    length: int
    begin: Callable[[], IO[bytes]]

    def chunks(self) -> Iterator[bytes]:
        with self.begin() as file:
            left = self.length  # a file that grows meanwhile is sent as it was
            while left and (chunk := file.read(min(CHUNK_BYTES, left))):
                left -= len(chunk)
                yield chunk

    def fingerprint(self) -> str:
        """The sha256 of all of it."""
        digest = sha256()
        for chunk in self.chunks():
            digest.update(chunk)
        return digest.hexdigest()


TAKEN = "a path, bytes, a file opened in binary mode, or rows as dicts"
Source = str | os.PathLike[str] | bytes | IO[bytes] | Rows | File


def file_of(source: Source, filename: str | None = None) -> File:
    """Raises OSError for a path that cannot be read, and TypeError for what is no source."""
    if isinstance(source, File):
        return source
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        return _of_path(path, filename or path.name)
    if isinstance(source, bytes):
        return _of_bytes(source, filename or "products.csv")
    if hasattr(source, "read"):
        named = getattr(source, "name", None)
        name = filename or (Path(named).name if isinstance(named, str) else "products.csv")
        return _of_bytes(_bytes_in(source), name)
    return _of_bytes(csv_of(source), filename or "products.csv")


def csv_of(rows: Rows) -> bytes:
    """Rows as a CSV: the columns in the order in which they first come, lists of addresses in one cell."""
    known = list(rows) if isinstance(rows, Iterable) else None
    if known is None or not all(isinstance(row, Mapping) for row in known):
        raise TypeError(f"There are no rows in {type(rows).__name__}: an upload is {TAKEN}.")
    columns = list(dict.fromkeys(str(name) for row in known for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in known)
    return text.getvalue().encode()


def _bytes_in(file: Any) -> bytes:
    """Refuses text: what its bytes were in the file is not known any more."""
    content = None if isinstance(file, io.TextIOBase) else file.read()
    if not isinstance(content, bytes):
        raise TypeError(f"A {type(file).__name__} does not give bytes: an upload is {TAKEN}.")
    return content


def _of_path(path: Path, name: str) -> File:
    with path.open("rb") as file:  # also says at once what cannot be read
        length = os.fstat(file.fileno()).st_size
        if not length and not path.is_file():  # a pipe: it can be read once only
            return _of_bytes(file.read(), name)
    return File(name, length, lambda: path.open("rb"))


def _of_bytes(content: bytes, name: str) -> File:
    return File(name, len(content), lambda: io.BytesIO(content))


def _cell(value: Any) -> str:
    """What has no value, as a data frame's NaN has none, is an empty cell."""
    if value is None or value != value:  # noqa: PLR0124 - only NaN differs from itself
        return ""
    if isinstance(value, (list, tuple)):
        return _addresses([str(each) for each in value])
    if isinstance(value, float) and value.is_integer():  # how a data frame keeps whole numbers beside NaN
        return str(int(value))
    return str(value)


def _addresses(urls: list[str]) -> str:
    """A list is written so only where commas would not tell one address from the next."""
    if any(_AN_ADDRESS_BEGINS_WITHIN.search(url) for url in urls):
        return json.dumps(urls)
    return ",".join(urls)
