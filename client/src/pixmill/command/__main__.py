"""The command `pixmill`."""

import sys

from pixmill import __version__


def main() -> None:
    sys.stdout.write(f"pixmill {__version__}\n")


if __name__ == "__main__":
    main()
