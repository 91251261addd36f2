"""The entry point of the command `pixmill`."""

import os
import sys
from typing import Any

from pixmill import __version__

_COMPLETES = "_PIXMILL_COMPLETE"  # set by the shell's completion
_TAKES_A_VALUE = {"--url", "--profile"}
_AS_JSON = "--json"
_OF_NO_COMMAND = {"--help", "-h", "--version", "-V"}


def main() -> None:
    """Ends the process with an exit code of docs/command.md."""
    _open_closed_streams()
    try:
        sys.exit(_run(with_common_options_behind(sys.argv[1:])))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(_unwritten(error))
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer has a code of its own for it
            sys.exit(_unwritten(end.__context__))
        raise


def _open_closed_streams() -> None:
    """A scheduler may start it without some of them: there nothing is read, and what is written is lost."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def with_common_options_behind(arguments: list[str]) -> list[str]:
    """`pixmill --json list` is `pixmill list --json`, and `pixmill --json --help` is `pixmill --help`."""
    common: list[str] = []
    rest = list(arguments)
    while rest and rest[0].split("=")[0] in {_AS_JSON, *_TAKES_A_VALUE}:
        count = 2 if rest[0] in _TAKES_A_VALUE else 1
        common += rest[:count]
        rest = rest[count:]
    if rest and rest[0] in _OF_NO_COMMAND:
        return rest
    return [*rest[:1], *common, *rest[1:]]


def _run(arguments: list[str]) -> int:
    if arguments[:1] in (["--version"], ["-V"]):
        sys.stdout.write(f"pixmill {__version__}\n")
        sys.stdout.flush()
        return 0
    from pixmill.command.app import COMMANDS, app_of  # noqa: PLC0415 - an interrupt is no traceback

    one = bool(arguments) and arguments[0] in COMMANDS and _COMPLETES not in os.environ
    app = app_of(arguments[:1]) if one else app_of()
    as_json = _AS_JSON in arguments
    try:
        return int(app(arguments, prog_name="pixmill", standalone_mode=not as_json) or 0)
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        return _misused(error)


def _misused(error: Any) -> int:
    """What typer raises for wrong usage has no public name."""
    from pixmill.command.telling.output import Output  # noqa: PLC0415

    way_out = f"`{error.ctx.command_path if error.ctx else 'pixmill'} --help` says how it is used."
    Output(as_json=True).failure(error.format_message(), way_out, error.exit_code)
    return int(error.exit_code)


def _unwritten(error: OSError) -> int:
    """Says why a help, a version or a completion could not be written. Commands do so themselves."""
    from pixmill.command.session import told  # noqa: PLC0415 - the version comes early
    from pixmill.command.telling.output import Output  # noqa: PLC0415

    return told(error, Output())


if __name__ == "__main__":
    main()
