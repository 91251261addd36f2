"""The local stack compiles its code before a service starts: a decoder child, which may write no file, would
do so at each of its starts.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.local import run
from deploy.local.code import FOLDERS
from deploy.local.terminal import StopRequest

ROOT = Path(__file__).parents[4]
# The child loads it at its start, from a folder of PYTHONPATH, and may write to what is open already.
TELLS_WHAT_IS_COMPILED = """
import os, sys

def told(event, arguments):
    if event == "compile" and str(arguments[1]).endswith(".py"):
        os.write(2, f"compiled {arguments[1]}\\n".encode())

if "services.processor.decoders.child" in sys.orig_argv:
    sys.addaudithook(told)
"""
TWO_CHILDREN = """
import asyncio, io
from PIL import Image
from services.processor.decoders.decoder import Decoder
from services.processor.decoders.limits import DecoderLimits

async def main():
    picture = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(picture, "PNG")
    for _ in range(2):
        decoder = Decoder(DecoderLimits())
        await decoder.start()
        print(type(await decoder.compress(picture.getvalue(), 50, None)).__name__)
        await decoder.stop()

asyncio.run(main())
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh one: nothing is compiled."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(TELLS_WHAT_IS_COMPILED)
    return tmp_path


def compiled_by_children(checkout: Path) -> set[str]:
    """Of the checkout's own files."""
    ran = subprocess.run(
        [sys.executable, "-c", TWO_CHILDREN],
        cwd=checkout,
        env={"PYTHONPATH": str(checkout / "hook"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["Compressed"] * 2
    return {file for file in re.findall("compiled (.*)", ran.stderr) if Path(file).is_relative_to(checkout)}


def test_a_decoder_child_of_a_fresh_checkout_compiles_nothing_of_it(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, it does: so the count counts."""
    assert len(compiled_by_children(checkout)) > 20
    started: list[set[str]] = []

    class Stack:
        def __init__(self, *_: Any, **__: Any) -> None: ...

        def run(self) -> None:
            started.append(compiled_by_children(checkout))

    monkeypatch.setattr(run, "CHECKOUT", checkout)
    monkeypatch.setattr(run, "Stack", Stack)
    assert run.run(StopRequest()) == 0
    assert started == [set()]


def test_packages_are_compiled_as_they_are_installed() -> None:
    (sync,) = re.findall(r"^SYNC := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert "--compile-bytecode" in sync
