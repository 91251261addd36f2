"""Who is calling: API keys from a file of hashes, read again when it changes, or nobody asked (AUTH=off).

The file has one JSON object a line: `{"sha256", "tenant", "scopes", "expires_at"}`. A key itself is never
stored; it is 256 random bits, so a plain SHA-256 protects it.
"""

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from fastapi import Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from shared.clock import utc_now
from shared.observing.logs import Action, get_log
from shared.web.problems import Problem

LOCAL_TENANT = "local"
KEY_PREFIX = "pxm_"
TENANT_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,62}$"
CHECK_FILE_SECONDS = 1.0

_Version = tuple[int, int, int]
TenantOf = Callable[[Request], Awaitable[str]]


class AuthMode(StrEnum):
    KEYS = "keys"
    OFF = "off"


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


class UnreadableKeys(ValueError):  # noqa: N818 - a wrong setting, told in one line at the start
    """The file of keys is not there, or a line of it is not a key."""


class Authenticator(Protocol):
    """The port. Both methods serve as FastAPI dependencies."""

    @property
    def asks_for_keys(self) -> bool:
        """Whether anybody without a key is turned away."""

    async def tenant(self, request: Request) -> str:
        """The caller's tenant; a 401 problem for a caller without a valid key."""

    def tenant_with(self, scope: Scope) -> TenantOf:
        """The same, and a 403 problem for a key without this scope."""


class OpenDoor:
    """AUTH=off: every caller is the same tenant."""

    asks_for_keys = False

    async def tenant(self, request: Request) -> str:
        request.state.tenant = LOCAL_TENANT  # for the log
        return LOCAL_TENANT

    def tenant_with(self, scope: Scope) -> TenantOf:  # noqa: ARG002 - nobody is asked
        return self.tenant


class KeyFile:
    """AUTH=keys. A file that turns unreadable leaves the keys that were read last in force."""

    asks_for_keys = True

    def __init__(self, path: Path, now: Callable[[], datetime] = utc_now) -> None:
        self._path = path
        self._now = now
        self._keys = read_keys(path)
        self._seen = _version(path)
        self._unreadable: _Version | None = None
        self._check_at = time.monotonic() + CHECK_FILE_SECONDS

    async def tenant(self, request: Request) -> str:
        return self._require_key(request).tenant

    def tenant_with(self, scope: Scope) -> TenantOf:
        async def tenant_of(request: Request) -> str:
            key = self._require_key(request)
            if scope not in key.scopes:
                raise forbidden(scope)
            return key.tenant

        return tenant_of

    def _require_key(self, request: Request) -> ApiKey:
        self._reload_if_changed()
        key = find_key(self._keys, presented_key(request), self._now())
        if key is None:
            raise unauthorized()
        request.state.tenant = key.tenant  # for the log
        return key

    def _reload_if_changed(self) -> None:
        if time.monotonic() < self._check_at:
            return
        self._check_at = time.monotonic() + CHECK_FILE_SECONDS
        version = _version(self._path)
        if version is None or version == self._seen:
            return
        try:
            self._keys = read_keys(self._path)
        except UnreadableKeys as error:
            self._tell_unreadable(version, error)
            return  # half written, perhaps: looked at again in a second
        self._seen = version

    def _tell_unreadable(self, version: _Version, error: UnreadableKeys) -> None:
        """Once for each state of the file: whoever revoked a key must know that it is still in force."""
        if version != self._unreadable:
            self._unreadable = version
            get_log().error(Action.KEYS_UNREADABLE, reason=str(error))


def unauthorized() -> Problem:
    return Problem(
        401,
        "unauthorized",
        "Unauthorized",
        "A valid API key is needed, in X-API-Key or as a Bearer token.",
        headers={"WWW-Authenticate": 'Bearer realm="pixmill"'},
    )


def forbidden(scope: Scope) -> Problem:
    return Problem(403, "forbidden", "Forbidden", f"This API key lacks the scope '{scope}'.")


def open_authenticator(mode: AuthMode, keys_file: Path | None) -> Authenticator:
    """Raises `UnreadableKeys` when keys are wanted and their file cannot be read."""
    if mode is AuthMode.OFF:
        return OpenDoor()
    if keys_file is None:
        raise UnreadableKeys("AUTH=keys needs API_KEYS_FILE")
    return KeyFile(keys_file)


def presented_key(request: Request) -> str | None:
    plain = request.headers.get("x-api-key")
    if plain is not None:
        return plain.strip()
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def find_key(keys: Sequence[ApiKey], presented: str | None, now: datetime) -> ApiKey | None:
    """Compares with every key, in a time that says nothing about any of them."""
    if not presented:
        return None
    presented_hash = key_hash(presented)
    found = None
    for key in keys:
        if hmac.compare_digest(key.sha256, presented_hash):
            found = key
    if found is None or (found.expires_at is not None and found.expires_at <= now):
        return None
    return found


def read_keys(path: Path) -> tuple[ApiKey, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableKeys(f"{path}: {error}") from error
    return tuple(_read_line(path, number, line) for number, line in enumerate(lines, 1) if line.strip())


def new_key() -> str:
    return KEY_PREFIX + secrets.token_urlsafe(32)


def key_hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def append_key(path: Path, key: ApiKey) -> None:
    """One write of one line, so that a reader never sees half of it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, key.model_dump_json().encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_line(path: Path, number: int, line: str) -> ApiKey:
    try:
        return ApiKey.model_validate_json(line)
    except ValidationError as error:
        raise UnreadableKeys(f"{path}: line {number} is not a key") from error


def _version(path: Path) -> _Version | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
