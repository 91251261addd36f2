"""R28: each block of docs/client.md runs as it stands, and neither type checker objects to it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pixmill.testing import FakePixmill

from tests.unit.client.conftest import PRODUCTS

ROOT = Path(__file__).parents[3]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs/client.md").read_text("utf-8"), re.DOTALL)
PYRIGHT = ROOT / "tools/node/node_modules/pyright/index.js"


def test_there_are_blocks() -> None:
    assert len(BLOCKS) == 6


@pytest.mark.parametrize("number", range(6))
def test_a_block_runs(server: FakePixmill, tmp_path: Path, number: int) -> None:
    (tmp_path / "products.csv").write_bytes(PRODUCTS)
    environment = os.environ | {"PIXMILL_URL": server.url, "PYTHONPATH": str(ROOT / "client/src")}
    ran = subprocess.run(
        [sys.executable, "-c", BLOCKS[number]],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    if "Output Image Urls" in BLOCKS[number] and "frame" in BLOCKS[number]:
        assert b"/v1/files/" in ran.stdout


SAMPLE = """
from pixmill import AsyncClient, Client, Product, Request, Upload

def names(client: Client) -> list[str]:
    accepted = client.upload([{"a": 1}], Upload(quality=70))
    request: Request = client.wait(accepted.id, lambda each: print(each.progress))
    products: list[Product] = list(client.products(request.id))
    return [each.name for each in products]

async def state(client: AsyncClient) -> str:
    async for each in client.follow("id"):
        return each.state
    return (await client.request("id")).state
"""
WRONG = """
from pixmill import Client
Client("https://x").upload(7)
"""


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The program of somebody who has the client installed."""
    for number, text in enumerate(
        [*(each for each in BLOCKS if "polars" not in each and "pandas" not in each), SAMPLE]
    ):
        (tmp_path / f"sample{number}.py").write_text(text)
    return tmp_path


def checked(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"MYPYPATH": str(ROOT / "client/src")}
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)


def test_mypy_is_content_with_a_user_s_program(sample: Path) -> None:
    for version in ("3.10", "3.13"):
        command = [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--python-version",
            version,
            "--cache-dir",
            ".cache",
        ]
        ran = checked([*command, *map(str, sorted(sample.glob("*.py")))], sample)
        assert ran.returncode == 0, ran.stdout
    (sample / "wrong.py").write_text(WRONG)
    assert "arg-type" in checked([*command, "wrong.py"], sample).stdout


def test_pyright_is_content_with_a_user_s_program(sample: Path) -> None:
    node = Path(sys.prefix) / "bin/node"
    environment = Path(sys.prefix)
    settings = {
        "extraPaths": [str(ROOT / "client/src")],
        "typeCheckingMode": "strict",
        "venvPath": str(environment.parent),
        "venv": environment.name,
    }
    (sample / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [str(node) if node.exists() else str(shutil.which("node")), str(PYRIGHT)]
    ran = checked(command, sample)
    assert ran.returncode == 0, ran.stdout
    (sample / "wrong.py").write_text(WRONG)
    assert "reportArgumentType" in checked(command, sample).stdout
