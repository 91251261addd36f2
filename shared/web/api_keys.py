"""The file of API keys: read, asked, added to. It knows no HTTP.

One JSON object a line: `{"sha256", "tenant", "scopes", "expires_at"}`. A key itself is never stored; it is
256 random bits, so a plain SHA-256 protects it.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

KEY_PREFIX = "pxm_"

TENANT_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,62}$"


class Scope(StrEnum):
    UPLOAD = "upload"
    READ = "read"
    MANAGE = "manage"  # cancel, retry, redeliver, delete


class ApiKey(BaseModel):
    """One line of the file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    tenant: str = Field(pattern=TENANT_PATTERN)
    scopes: tuple[Scope, ...] = tuple(Scope)
    expires_at: AwareDatetime | None = None


ApiKeys = Mapping[str, ApiKey]  # by sha256
FileVersion = tuple[int, int, int]


class UnreadableKeys(ValueError):  # noqa: N818 - a wrong setting, told in one line at the start
    """The file of keys is not there, or a line of it is not a key."""


def find_key(keys: ApiKeys, presented: str | None, now: datetime) -> ApiKey | None:
    """By the key's hash. How long that takes tells nothing: nobody can guess the hash of a random key."""
    if not presented:
        return None
    found = keys.get(key_hash(presented))
    if found is None or (found.expires_at is not None and found.expires_at <= now):
        return None
    return found


def read_keys(path: Path) -> ApiKeys:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableKeys(f"{path}: {error}") from error
    keys = (_read_line(path, number, line) for number, line in enumerate(lines, 1) if line.strip())
    return {key.sha256: key for key in keys}


def new_key() -> str:
    return KEY_PREFIX + secrets.token_urlsafe(32)


def key_hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def append_key(path: Path, key: ApiKey) -> None:
    """One write of one line, so that a reader never sees half of it."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        begin = b"\n" if _ends_within_a_line(descriptor) else b""
        os.write(descriptor, begin + key.model_dump_json().encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _ends_within_a_line(descriptor: int) -> bool:
    """As an editor may leave it."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _read_line(path: Path, number: int, line: str) -> ApiKey:
    try:
        return ApiKey.model_validate_json(line)
    except ValidationError as error:
        raise UnreadableKeys(f"{path}: line {number} is not a key") from error


def file_version(path: Path) -> FileVersion | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
