"""API keys that `login` keeps: in the system's keyring where there is one, else in a file of mode 0600.

A key is kept for one server's address and never given to another.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixmill.command.telling.exits import CommandFailed

_SERVICE = "pixmill"


@dataclass(frozen=True)
class KeyFile:
    """`keys.json` in the folder of settings: addresses by profile, and where each address's key is."""

    folder: Path | None

    @property
    def path(self) -> Path | None:
        return self.folder / "keys.json" if self.folder else None

    def url_of(self, profile: str) -> str | None:
        url: str | None = self._content()["urls"].get(profile)
        return url

    def key_of(self, url: str) -> str | None:
        kept = self._content()["keys"].get(url)
        if kept is None or "key" in kept:
            return None if kept is None else str(kept["key"])
        return _keyring().get_password(_SERVICE, url)  # type: ignore[no-any-return]

    def keep(self, profile: str, url: str, key: str | None) -> str:
        """Returns where the key is now."""
        content = self._content()
        content["urls"][profile] = url
        where = str(self.path)
        if key and _has_keyring() and _put_into_keyring(url, key):
            content["keys"][url] = {"in": "keyring"}
            where = "the system's keyring"
        elif key:
            content["keys"][url] = {"key": key}
        self._write(content)
        return where

    def forget(self, profile: str, url: str) -> bool:
        """False if there was nothing."""
        content = self._content()
        kept = content["keys"].pop(url, None)
        known = content["urls"].pop(profile, None)
        if kept is not None and "key" not in kept:
            _remove_from_keyring(url)
        if kept is None and known is None:
            return False
        self._write(content)
        return True

    def _content(self) -> dict[str, dict[str, Any]]:
        if self.path is None or not self.path.is_file():
            return {"urls": {}, "keys": {}}
        try:
            content = json.loads(self.path.read_text("utf-8"))
            return {
                "urls": {name: str(url) for name, url in content["urls"].items()},
                "keys": {url: dict(kept) for url, kept in content["keys"].items()},
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CommandFailed(
                f"{self.path} cannot be read: {error}.", "Remove it and log in again."
            ) from error

    def _write(self, content: Any) -> None:
        if self.path is None:
            raise CommandFailed("There is no home folder to keep a key in.", "Set PIXMILL_API_KEY instead.")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished = self.path.with_name("keys.json.part")
            unfinished.unlink(missing_ok=True)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2)
            unfinished.replace(self.path)
        except OSError as error:
            way_out = "Set PIXMILL_API_KEY instead."
            raise CommandFailed(f"{self.path} cannot be written: {error.strerror}.", way_out) from error


def _keyring() -> Any:
    import keyring  # noqa: PLC0415 - takes longer than a whole command

    return keyring


def _has_keyring() -> bool:
    """Its stand-ins that keep nothing, or in plain text, have a priority below 1."""
    try:
        return float(_keyring().get_keyring().priority) >= 1
    except Exception:  # noqa: BLE001 - a broken keyring is none
        return False


def _put_into_keyring(url: str, key: str) -> bool:
    try:
        _keyring().set_password(_SERVICE, url, key)
    except Exception:  # noqa: BLE001 - locked, or nobody there to unlock it
        return False
    return True


def _remove_from_keyring(url: str) -> None:
    try:
        _keyring().delete_password(_SERVICE, url)
    except Exception as error:
        raise CommandFailed(
            "The key could not be removed from the system's keyring.", f"It said: {error}"
        ) from error
