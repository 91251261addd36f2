"""`make help` tells of each target, in the words of README.md and CONTRIBUTING.md."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
PHONY = re.compile(r"^\.PHONY: (.+)$", re.MULTILINE)


def test_whoever_asks_make_for_help_is_told_of_each_target() -> None:
    asked = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    told = {word for line in asked.stdout.splitlines() for word in line.partition("#")[0].split()}
    targets = {name for names in PHONY.findall((ROOT / "Makefile").read_text()) for name in names.split()}
    assert targets
    assert targets - told == set()


def test_make_alone_shows_the_same_and_makes_nothing() -> None:
    alone, asked = (
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for command in (["make"], ["make", "help"])
    )
    assert alone == asked
