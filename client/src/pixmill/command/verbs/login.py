"""`pixmill login` and `logout`: keep the key of a server, and forget it."""

import os
import sys
from typing import Annotated

import typer

from pixmill.command.keys import KeyFile
from pixmill.command.session import Session
from pixmill.command.settings import LOGIN, folder
from pixmill.command.telling.exits import CommandFailed, Exit, Interrupted
from pixmill.flows.api_keys import usable_key


def login(
    session: Session,
    key: Annotated[
        str | None,
        typer.Option("--key", help="The API key; asked for if not given, read from a pipe with -."),
    ] = None,
) -> int:
    """Keep an API key for a server.

    It lies in the system's keyring where there is one. The address of --url becomes that of the profile.
    """
    from pixmill.client import Client  # noqa: PLC0415

    url = session.settings.url
    shown = session.settings.shown_url
    session.out.note(f"logging in to {shown}")
    given = _usable(_asked() if key in (None, "-") else key)
    with Client(url, given) as client:
        next(iter(client.requests()), None)  # raises what is wrong with the key
    where = KeyFile(folder(os.environ)).keep(session.settings.profile, url, given)
    session.out.data("login", {"url": shown, "profile": session.settings.profile, "kept_in": where})
    session.out.result(f"logged in to {shown}; the key is kept in {where}")
    source = session.settings.sources["api_key"]
    if source != LOGIN and session.settings.api_key not in (None, given):
        session.out.note(f"  note: {source} has another key, which comes first: take it away there.")
    return Exit.COMPLETED


def logout(session: Session) -> int:
    """Forget the API key of a server."""
    settings = session.settings
    forgotten = KeyFile(folder(os.environ)).forget(settings.profile, settings.url)
    session.out.data("logout", {"url": settings.shown_url, "forgotten": forgotten})
    session.out.result(
        f"logged out of {settings.shown_url}" if forgotten else f"no key was kept for {settings.shown_url}"
    )
    source = settings.sources["api_key"]
    if settings.api_key is not None and source != LOGIN:
        session.out.note(f"  note: {source} has a key, which is used all the same: take it away there.")
    return Exit.COMPLETED


def _asked() -> str:
    if not sys.stdin.isatty():
        given = sys.stdin.readline()
    else:
        try:
            given = typer.prompt("API key", hide_input=True, err=True)
        except (typer.Abort, KeyboardInterrupt) as error:
            raise Interrupted("Nothing was kept.") from error
    return str(given)


def _usable(given: str | None) -> str:
    try:
        key = usable_key(given)
    except ValueError as error:
        raise CommandFailed(str(error), "Copy it once more.", Exit.USAGE) from error
    if key is None:
        raise CommandFailed("No key was given.", "An operator makes one.", Exit.USAGE)
    return key
