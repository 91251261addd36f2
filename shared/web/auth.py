"""Who is calling, by API keys from a file that is read again when it changes; AUTH=off asks nobody."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from fastapi import Request

from shared.clock import utc_now
from shared.observing.logs import Action, log
from shared.web.api_keys import ApiKey, FileVersion, Scope, UnreadableKeys, file_version, find_key, read_keys
from shared.web.problems import Problem

LOCAL_TENANT = "local"
CHECK_FILE_SECONDS = 1.0

TenantOf = Callable[[Request], Awaitable[str]]


class AuthMode(StrEnum):
    KEYS = "keys"
    OFF = "off"


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
        self._seen = file_version(path)  # before it is read: what is written meanwhile is read again
        self._keys = read_keys(path)
        self._unreadable: FileVersion | None = None
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
        version = file_version(self._path)
        if version is None or version == self._seen:
            return
        try:
            self._keys = read_keys(self._path)
        except UnreadableKeys as error:
            self._tell_unreadable(version, error)
            return  # half written, perhaps: looked at again in a second
        self._seen = version

    def _tell_unreadable(self, version: FileVersion, error: UnreadableKeys) -> None:
        """Once for each state of the file: whoever revoked a key must know that it is still in force."""
        if version != self._unreadable:
            self._unreadable = version
            log.error(Action.KEYS_UNREADABLE, reason=str(error))


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
