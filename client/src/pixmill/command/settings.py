"""Which server, key and profile: of options, environment, file, and what `login` kept, in this order."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pixmill.command.keys import KeyFile
from pixmill.command.telling.exits import CommandFailed, Exit
from pixmill.flows.api_keys import usable_key
from pixmill.flows.paths import is_address, without_password
from pixmill.upload import Upload

DEFAULT_URL = "http://127.0.0.1:8000"  # what `make up` serves
DEFAULT_PROFILE = "default"
NAMES_THE_FILE = "PIXMILL_CONFIG"
LOGIN = "login"  # as the source of what it kept
UPLOAD_DEFAULTS = ("webhook_url", "quality", "format", "priority", "skip_invalid")
_TEXTS = ("url", "api_key", "kafka")
_KNOWN = {*_TEXTS, *UPLOAD_DEFAULTS}
_KNOWN_ABOVE = {"profile", "profiles"}


@dataclass(frozen=True)
class Settings:
    profile: str
    url: str
    api_key: str | None
    kafka: str | None
    upload: Upload
    sources: Mapping[str, str] = field(default_factory=dict)  # where each of them comes from, for doctor

    @property
    def shown_url(self) -> str:
        return without_password(self.url)


def read_settings(*, url: str | None, profile: str | None, environment: Mapping[str, str]) -> Settings:
    """Raises CommandFailed for a file that cannot be read or a profile that is not in it."""
    file = config_file(environment)
    content = _content(file, environment.get(NAMES_THE_FILE))
    name, wanted_by = _first(
        (profile, "--profile"),
        (environment.get("PIXMILL_PROFILE"), "PIXMILL_PROFILE"),
        (content.get("profile"), "the file"),
    )
    own = _profile(content, name, file) if name else content.get("profiles", {}).get(DEFAULT_PROFILE, {})
    kept = KeyFile(folder(environment))
    name = name or DEFAULT_PROFILE
    if not (own or url or environment.get("PIXMILL_URL")):
        _require_known_profile(name, content, kept)
    address, address_by = _first(
        (url, "--url"),
        (environment.get("PIXMILL_URL"), "PIXMILL_URL"),
        (own.get("url"), str(file)),
        (kept.url_of(name), LOGIN),
        (DEFAULT_URL, "the default"),
    )
    address = _address(str(address), str(address_by))
    key, key_by = _first(
        (environment.get("PIXMILL_API_KEY"), "PIXMILL_API_KEY"),
        (own.get("api_key"), str(file)),
        (kept.key_of(address), LOGIN),
    )
    kafka, _ = _first((environment.get("PIXMILL_KAFKA"), ""), (own.get("kafka"), ""))
    return Settings(
        profile=name,
        url=address,
        api_key=_key(key, key_by),
        kafka=kafka,
        upload=Upload(**{each: own[each] for each in UPLOAD_DEFAULTS if each in own}),
        sources={
            "profile": wanted_by or "the default",
            "url": address_by or "",
            "api_key": key_by or "nowhere",
        },
    )


def folder(environment: Mapping[str, str]) -> Path | None:
    """Where settings lie; None where there is no home."""
    if given := environment.get("XDG_CONFIG_HOME"):
        return Path(given) / "pixmill"
    home = _home(environment)
    return home / ".config" / "pixmill" if home else None


def state_folder(environment: Mapping[str, str]) -> Path | None:
    """Where what must outlive a command lies; None where there is no home."""
    if given := environment.get("XDG_STATE_HOME"):
        return Path(given) / "pixmill"
    home = _home(environment)
    return home / ".local" / "state" / "pixmill" if home else None


def config_file(environment: Mapping[str, str]) -> Path | None:
    if given := environment.get(NAMES_THE_FILE):
        return Path(given)
    place = folder(environment)
    return place / "config.toml" if place else None


def _home(environment: Mapping[str, str]) -> Path | None:
    if given := environment.get("HOME"):
        return Path(given)
    try:
        return Path.home()
    except RuntimeError:
        return None


def _content(file: Path | None, named: str | None) -> Mapping[str, Any]:
    """Only a file that nobody named may be missing."""
    if named and file and not file.exists():
        raise CommandFailed(
            f"{file}, which {NAMES_THE_FILE} names, is not there.",
            f"Mend {NAMES_THE_FILE}, or unset it.",
            Exit.USAGE,
        )
    return _read(file) if file and (named or file.is_file()) else {}


def _read(file: Path) -> Mapping[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 - only where there is a file
    else:
        import tomli as tomllib  # noqa: PLC0415
    try:
        text = file.read_text("utf-8-sig")  # Windows' Notepad may begin it with a mark of its encoding
        content: Mapping[str, Any] = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise CommandFailed(
            f"{file} cannot be read: {error}.", "Mend it, or move it away.", Exit.USAGE
        ) from error
    _require_known(file, "it", content, _KNOWN_ABOVE)
    _require_kind(file, "profile", content.get("profile", ""), str)
    _require_kind(file, "profiles", content.get("profiles", {}), dict)
    for name, own in content.get("profiles", {}).items():
        _require_kind(file, f"profile {name}", own, dict)
        _require_known(file, f"profile {name}", own, _KNOWN)
        for each in _TEXTS:
            _require_kind(file, f"{each} of profile {name}", own.get(each, ""), str)
    return content


def _require_known(file: Path, where: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
    if unknown := sorted(set(given).difference(known)):
        raise CommandFailed(
            f"{file}: {where} has a setting that nobody knows: {unknown[0]}.",
            f"There are {', '.join(sorted(known))}.",
            Exit.USAGE,
        )


def _require_kind(file: Path, what: str, given: object, kind: "type[str | dict[str, Any]]") -> None:
    if not isinstance(given, kind):
        words = "text between quotation marks" if kind is str else "a table"
        raise CommandFailed(f"{file}: {what} is not {words}.", "docs/command.md shows one.", Exit.USAGE)


def _profile(content: Mapping[str, Any], name: str, file: Path | None) -> Mapping[str, Any]:
    profiles: Mapping[str, Any] = content.get("profiles", {})
    if name not in profiles and profiles:
        there = ", ".join(sorted(profiles))
        raise CommandFailed(f"There is no profile {name} in {file}.", f"There are {there}.", Exit.USAGE)
    own: Mapping[str, Any] = profiles.get(name, {})
    return own


def _require_known_profile(name: str, content: Mapping[str, Any], kept: KeyFile) -> None:
    """Without this, a name that is mistyped would lead to the server on this machine."""
    if name == DEFAULT_PROFILE or name in content.get("profiles", {}) or kept.url_of(name):
        return
    way_out = f"`pixmill login --profile {name} --url URL` keeps one; docs/command.md shows the file."
    raise CommandFailed(f"There is no profile {name}.", way_out, Exit.USAGE)


def _address(url: str, source: str) -> str:
    """A page's address, as a browser shows it, is its server's."""
    whole = url if "://" in url else _with_scheme(url)
    if not is_address(whole):
        way_out = "It is as https://pixmill.example or http://127.0.0.1:8000."
        raise CommandFailed(
            f"{without_password(url)!r} ({source}) is no address of a server.", way_out, Exit.USAGE
        )
    return urlsplit(whole)._replace(query="", fragment="").geturl().rstrip("/")


def _with_scheme(url: str) -> str:
    """A host alone is meant to be https; on this machine it is http, which is what `make up` serves."""
    whole = f"https://{url}"
    if not is_address(whole):
        return whole
    from pixmill.environment import is_here  # noqa: PLC0415 - takes its time, and is rarely needed

    return f"http://{url}" if is_here(whole) else whole


def _key(text: str | None, source: str | None) -> str | None:
    try:
        return usable_key(text)
    except ValueError as error:
        raise CommandFailed(str(error), f"It comes from {source}.", Exit.USAGE) from error


def _first(*candidates: tuple[str | None, str]) -> tuple[str | None, str | None]:
    return next(((value, source) for value, source in candidates if value), (None, None))
