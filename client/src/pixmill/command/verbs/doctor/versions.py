"""What is promised of a command and a server of two versions, by docs/stability.md (pure)."""

import re
from typing import NamedTuple

from pixmill.command.verbs.doctor.check import Check

_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})(?!\d)")


class Version(NamedTuple):
    """A patch changes nothing of what is promised, so it is left out."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


def version_of(text: str) -> "Version | None":
    found = _VERSION.match(text)
    return Version(int(found[1]), int(found[2])) if found else None


def versions(own_text: str, theirs_text: str) -> Check:
    """A newer server of one major version has all that an older command asks for; an older server may not."""
    own, theirs = version_of(own_text), version_of(theirs_text)
    both = f"{own_text} here, {theirs_text} there"
    if own is None or theirs is None:
        return _check(f"{both}: they cannot be compared")
    if own.major != theirs.major:
        return _check(
            f"{both}: between major versions nothing is promised",
            f"Install the client of version {theirs.major}: `pipx install ./client` in its checkout.",
        )
    if own.minor > theirs.minor:
        return _check(
            f"{both}: what came after {theirs} is not known there",
            f"Have the server brought to {own}, or leave out what it does not know.",
        )
    if own.minor < theirs.minor:
        return _check(f"{both}: they understand each other; a client of {theirs} knows what was added")
    return _check(f"{both}: they belong together")


def _check(found: str, way_out: str = "") -> Check:
    return Check("versions", found, way_out, needed=False)
