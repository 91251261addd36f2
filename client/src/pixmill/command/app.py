"""The commands by name. What is not asked for is not imported: the first line comes early."""

from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from pixmill.command.session import command

ABOUT = """Send a CSV of product images to Pixmill, and get smaller ones back.

Every command takes --url, --profile and --json. PIXMILL_URL is the server's address and PIXMILL_API_KEY a key
for it; `pixmill login` keeps both.
"""
COMMANDS = {
    "upload": "upload:upload",
    "watch": "watch:watch",
    "status": "status:status",
    "download": "download:download",
    "list": "status:list_requests",
    "retry": "changes:retry",
    "cancel": "changes:cancel",
    "delete": "changes:delete",
    "validate": "validate:validate",
    "open": "pages:open_page",
    "listen": "webhooks.listen:listen",
    "trigger": "webhooks.trigger:trigger",
    "tap": "tap:tap",
    "doctor": "doctor.doctor:doctor",
    "login": "login:login",
    "logout": "login:logout",
}


def app_of(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """With these commands."""
    app = typer.Typer(
        name="pixmill",
        help=ABOUT,
        no_args_is_help=True,
        rich_markup_mode=None,  # its import takes as long as everything else
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_main)
    for name in names:
        module, _, function = COMMANDS[name].partition(":")
        found = getattr(import_module(f"pixmill.command.verbs.{module}"), function)
        app.command(name)(command(found))
    return app


def _main(
    version: Annotated[bool, typer.Option("--version", "-V", help="Show the version and exit.")] = False,
    url: Annotated[str, typer.Option("--url", hidden=True)] = "",
    profile: Annotated[str, typer.Option("--profile", hidden=True)] = "",
    as_json: Annotated[bool, typer.Option("--json", hidden=True)] = False,
) -> None:
    """The hidden ones are the commands' own: where no command follows, that is what is wrong, not they. The
    entry point knows all of them before it comes to this.
    """
