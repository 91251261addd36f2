"""What is made of the command itself: its reference in docs/command.md, and its man page.

`python -m tests.writers.command` writes both anew: run it after a command or an option has changed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pixmill import __version__
from pixmill.command.app import ABOUT, app_of
from typer.main import get_command

from tests.writers.made_parts import with_part

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "command.md"
MANUAL = ROOT / "client" / "data" / "share" / "man" / "man1" / "pixmill.1"
BEGIN = "<!-- made by python -m tests.writers.command -->\n"
COMMON = {"url", "profile", "as_json"}
FILES = """.SH ENVIRONMENT
PIXMILL_URL, PIXMILL_API_KEY, PIXMILL_PROFILE, PIXMILL_CONFIG, PIXMILL_KAFKA, PIXMILL_KAFKA_USERNAME,
PIXMILL_KAFKA_PASSWORD, PIXMILL_KAFKA_CA, PIXMILL_WEBHOOK_SECRET, NO_COLOR
.SH FILES
~/.config/pixmill/config.toml, ~/.config/pixmill/keys.json, ~/.local/state/pixmill/uploads
.SH EXIT STATUS
0 completed, 1 refused or unreachable, 2 wrong usage, 3 ended with failed images, 130 interrupted, 141 nobody
read the output any longer
"""


def commands() -> dict[str, Any]:
    group: Any = get_command(app_of())
    return dict(group.commands)


def reference() -> str:
    return "".join(_section(name, each) for name, each in commands().items())


def with_reference(page: str) -> str:
    return with_part(page, BEGIN, reference())


def manual() -> str:
    """https://man7.org/linux/man-pages/man7/man.7.html"""
    head = f'.TH PIXMILL 1 "" "pixmill {__version__}" "User Commands"\n'
    name = ".SH NAME\npixmill \\- send a CSV of product images to Pixmill, and get smaller ones back\n"
    synopsis = ".SH SYNOPSIS\n.B pixmill\n.I command\n[options]\n"
    about = f".SH DESCRIPTION\n{_roff(ABOUT)}\n"
    every = ".SH COMMANDS\n" + "".join(_manual_of(name, each) for name, each in commands().items())
    common = ".SH OPTIONS OF EVERY COMMAND\n" + "".join(
        _manual_option(each) for each in commands()["status"].params if each.name in COMMON
    )
    return head + name + synopsis + about + every + common + FILES


def _section(name: str, command: Any) -> str:
    arguments = " ".join(each.metavar for each in command.params if not _is_option(each))
    text = command.help.replace("\n\n", "\n").replace("\n", " ")
    rows = [f"| `{_spelled(each)}` | {_explained(each)} |\n" for each in _own(command)]
    table = "| | |\n|---|---|\n" + "".join(rows) if rows else ""
    return f"### `pixmill {f'{name} {arguments}'.strip()}`\n\n{text}\n\n{table}" + ("\n" if table else "")


def _manual_of(name: str, command: Any) -> str:
    arguments = " ".join(each.metavar for each in command.params if not _is_option(each))
    options = "".join(_manual_option(each) for each in _own(command))
    return f".SS {name} {arguments}\n{_roff(command.help)}\n{options}"


def _manual_option(parameter: Any) -> str:
    return f".TP\n.B {_roff(_spelled(parameter))}\n{_roff(_explained(parameter))}\n"


def _own(command: Any) -> Iterator[Any]:
    """What other commands do not have as well."""
    return (each for each in command.params if each.name not in COMMON)


def _is_option(parameter: Any) -> bool:
    return str(parameter.opts[0]).startswith("-")


def _spelled(parameter: Any) -> str:
    if not _is_option(parameter):
        return str(parameter.metavar)
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.opts[0].lstrip('-').upper()}"
    return ", ".join(parameter.opts) + value


def _explained(parameter: Any) -> str:
    shows = parameter.default not in (None, False, 0, "") and not callable(parameter.default)
    return str(parameter.help) + (f" ({parameter.default} if not given)" if shows else "")


def _roff(text: str) -> str:
    """A line that begins with a dot or a quotation mark would be a command."""
    plain = text.strip().replace("\\", "\\e").replace("-", "\\-").replace("`", "").replace("…", "...")
    lines = plain.replace("\n\n", "\n.PP\n").split("\n")
    return "\n".join(line if line == ".PP" else line.removeprefix(".") for line in lines)


if __name__ == "__main__":
    PAGE.write_text(with_reference(PAGE.read_text("utf-8")), "utf-8")
    MANUAL.write_text(manual(), "utf-8")
