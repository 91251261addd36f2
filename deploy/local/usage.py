"""What `make up` and `make demo` say of themselves; settings come from the environment alone."""

import argparse

EPILOG = "Settings are environment variables, or arguments of make; README.md lists them."


def refuse_arguments(module: str, about: str) -> None:
    """Prints help where that was wanted, and exits, as on anything else that stands in the command line."""
    argparse.ArgumentParser(prog=f"python -m {module}", description=about, epilog=EPILOG).parse_args()
