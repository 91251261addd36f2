"""What a command without arguments says of itself; settings come from the environment alone."""

import argparse
import sys
from collections.abc import Mapping

OF_THE_STACK = "Settings are environment variables, or arguments of make; README.md lists them."
_MOST_DIGITS = 15


def refuse_arguments(module: str, about: str | None, *, settings: str = OF_THE_STACK) -> None:
    """Exits when there is any argument: after the help when that was asked for, else with an error."""
    argparse.ArgumentParser(prog=f"python -m {module}", description=about, epilog=settings).parse_args()


def whole_number(environment: Mapping[str, str], name: str, *, least: int = 0) -> int | None:
    """None where nothing is said. Exits with one line for what is no such number."""
    text = environment.get(name, "").strip()
    if not text:
        return None
    if text.isdecimal() and text.isascii() and len(text) <= _MOST_DIGITS and int(text) >= least:
        return int(text)
    print(f"{name}={text} is no whole number from {least} on.", file=sys.stderr)
    sys.exit(2)
