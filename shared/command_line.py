"""What a service's command line says of itself: its commands, and every setting with what it means.

Help needs no settings. The settings' classes say what they mean; nothing is written twice.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

RUN = "run"


def read_command(
    service: str,
    about: str,
    settings: type[BaseSettings],
    arguments: Sequence[str],
    *,
    others: Mapping[str, str] | None = None,
) -> str:
    """The command that was asked for, `run` where none was; prints help and exits where that was wanted."""
    commands = {RUN: "run the service; so it is without any command", **(others or {})}
    parser = argparse.ArgumentParser(
        prog=f"python -m services.{service}",
        description=about,
        epilog="\n".join(_epilog(commands, settings)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", nargs="?", choices=list(commands), default=RUN, help="see below")
    command: str = parser.parse_args(arguments).command
    return command


def _epilog(commands: Mapping[str, str], settings: type[BaseSettings]) -> Iterator[str]:
    yield "commands:"
    width = max(map(len, commands))
    for name, meaning in commands.items():
        yield f"  {name:{width}}  {meaning}"
    yield ""
    yield "settings, from the environment (lists are separated by commas; an empty one counts as not given):"
    for name, setting in sorted(settings.model_fields.items(), key=lambda each: not each[1].is_required()):
        yield f"  {name.upper()} ({_default(setting)})"
        yield f"      {' '.join((setting.description or '').split())}"


def _default(setting: FieldInfo) -> str:
    if setting.is_required():
        return "required"
    if setting.default_factory is not None:
        return "by default as the machine is"
    value = setting.default
    shown = ",".join(f"{number:g}" for number in value) if isinstance(value, tuple) else value
    return "by default empty" if shown in {None, ""} else f"by default {shown}"
