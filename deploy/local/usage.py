"""What `make up` and `make demo` say of themselves; settings come from the environment alone."""

import argparse

EPILOG = "Settings are environment variables, or arguments of make; README.md lists them."


def refuse_arguments(module: str, about: str) -> None:
    """Exits when there is any argument: after the help when that was asked for, else with an error."""
    argparse.ArgumentParser(prog=f"python -m {module}", description=about, epilog=EPILOG).parse_args()
