"""What a command without arguments says of itself; settings come from the environment alone."""

import argparse

OF_THE_STACK = "Settings are environment variables, or arguments of make; README.md lists them."


def refuse_arguments(module: str, about: str | None, *, settings: str = OF_THE_STACK) -> None:
    """Exits when there is any argument: after the help when that was asked for, else with an error."""
    argparse.ArgumentParser(prog=f"python -m {module}", description=about, epilog=settings).parse_args()
