"""The code that processes are started from, compiled as their images have it: a decoder child may write no
file, and would compile what it imports at each start. It must not know who is started. Packages are compiled
when they are installed.
"""

import compileall
from pathlib import Path

FOLDERS = ("services", "shared")


def compile_code(checkout: Path) -> None:
    """What is compiled already, and no older than its source, stays. A checkout that is not ours to write is
    left as it is.
    """
    for folder in FOLDERS:
        compileall.compile_dir(checkout / folder, quiet=2)
