"""What each command is given: settings, a client, how to speak. Errors become sentences and exit codes."""

import inspect
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from pixmill.command.settings import Settings, read_settings
from pixmill.command.telling.exits import Exit, Interrupted
from pixmill.command.telling.output import Output

if TYPE_CHECKING:
    from pixmill.client import Client

F = TypeVar("F", bound=Callable[..., "int | None"])

Url = Annotated[
    str | None, typer.Option("--url", help="The server's address.", show_default=False, metavar="URL")
]
Profile = Annotated[
    str | None, typer.Option("--profile", help="A profile of the configuration file.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output.")]
_COMMON = {"url": (Url, None), "profile": (Profile, None), "as_json": (AsJson, False)}
TRIES = 3  # a person has less patience than a program
READ_SECONDS = 30


@dataclass(frozen=True)
class Session:
    settings: Settings
    out: Output

    @cached_property
    def client(self) -> "Client":
        from pixmill.client import Client  # noqa: PLC0415 - only now, so that the first line comes early
        from pixmill.command.telling.pauses import Pauses  # noqa: PLC0415
        from pixmill.patience import Patience  # noqa: PLC0415

        url, key = self.settings.url, self.settings.api_key
        patience = Patience(tries=TRIES, read_seconds=READ_SECONDS)
        return Client(url, key, patience=patience, on_pause=Pauses(self.out).say)

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        if "client" in self.__dict__:
            self.client.close()


def command(function: F) -> Callable[..., None]:
    """Gives it the options that each command has, as a session."""

    def run(url: str | None, profile: str | None, *, as_json: bool, **values: Any) -> None:
        out = Output(as_json=as_json)
        try:
            settings = read_settings(url=url, profile=profile, environment=os.environ)
            with Session(settings, out) as session:
                code = function(session, **values) or Exit.COMPLETED
        except BaseException as error:  # noqa: BLE001 - what is not known is raised again there
            code = told(error, out)
        raise typer.Exit(int(code))

    own = [each for name, each in inspect.signature(function).parameters.items() if name != "session"]
    common = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in _COMMON.items()
    ]
    run.__signature__ = inspect.Signature([*own, *common])  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in [*own, *common]}
    run.__name__, run.__doc__ = function.__name__, function.__doc__
    return run


def told(error: BaseException, out: Output) -> Exit:
    """Says what went wrong and what to do, and returns the exit code. What nobody expects is raised again."""
    if isinstance(error, KeyboardInterrupt):
        return _interrupted(error, out)
    if isinstance(error, BrokenPipeError):
        _lose_what_is_left()
        return Exit.NOBODY_READS
    from pixmill.command.telling.sentences import sentence_of  # noqa: PLC0415 - needs the errors of the client

    failed = sentence_of(error)
    if failed is None:
        raise error
    out.error(failed.sentence, failed.way_out)
    problem = getattr(error, "problem", None) or getattr(error.__cause__, "problem", None)
    try:
        out.failure(failed.sentence, failed.way_out, int(failed.code), problem)
        sys.stdout.flush()
    except OSError:  # that the disk of standard output is full cannot be told there
        if out.as_json:
            with suppress(OSError):
                replace(out, as_json=False).error(failed.sentence, failed.way_out)
        _lose_what_is_left()
    return failed.code


def _lose_what_is_left() -> None:
    """Python would flush it at its end, fail again, and end with a code of its own."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


def _interrupted(error: KeyboardInterrupt, out: Output) -> Exit:
    way_on = error.way_on if isinstance(error, Interrupted) else "`pixmill list` shows how everything stands."
    out.note("")
    out.note(f"Stopped. {way_on}")
    out.failure("Stopped.", way_on, int(Exit.INTERRUPTED))
    return Exit.INTERRUPTED
