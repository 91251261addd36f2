"""R28: the programs of docs/how-to/upload.md run as they stand."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from pixmill.testing import FakePixmill

from tests.unit.client.conftest import PRODUCTS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/how-to/upload.md").read_text("utf-8")


def block(language: str) -> str:
    (text,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(text)


def ran(command: list[str], server: FakePixmill, folder: Path, *, goes_well: bool = True) -> str:
    environment = os.environ | {
        "PIXMILL_URL": server.url,
        "PIXMILL_API_KEY": "",
        "PYTHONPATH": str(ROOT / "client/src"),
    }
    result = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert (result.returncode == 0) == goes_well, result.stderr
    return result.stdout


def test_the_python_program_tells_what_came_out_and_what_failed(server: FakePixmill, tmp_path: Path) -> None:
    server.fail("https://shop.example/2.jpg", "http_404")
    told = ran([sys.executable, "-c", block("python")], server, tmp_path)
    assert "2 done, 1 failed" in told
    assert "https://shop.example/2.jpg http_404" in told


def test_the_shell_s_lines_bring_the_output_csv_and_twice_are_one_request(
    server: FakePixmill, tmp_path: Path
) -> None:
    (tmp_path / "products.csv").write_bytes(PRODUCTS)
    answers = [ran(["bash", "-c", block("bash")], server, tmp_path) for _ in range(2)]
    assert answers[0] == answers[1]
    assert "Output Image Urls" in (tmp_path / "smaller.csv").read_text()


def test_the_php_program_brings_the_output_csv_and_ends_where_it_is_refused(
    server: FakePixmill, tmp_path: Path
) -> None:
    (tmp_path / "products.csv").write_bytes(PRODUCTS)
    (tmp_path / "upload.php").write_text(block("php"))
    assert ran(["php", "upload.php"], server, tmp_path) == "completed: 3 of 3 images\n"
    assert "Output Image Urls" in (tmp_path / "smaller.csv").read_text()
    server.refuse_next(400)
    (tmp_path / "products.csv").write_bytes(PRODUCTS + b"\n")
    ran(["php", "upload.php"], server, tmp_path, goes_well=False)


def test_the_shell_s_lines_end_where_they_are_refused(server: FakePixmill, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_bytes(PRODUCTS)
    server.refuse_next(400)
    told = ran(["bash", "-c", block("bash")], server, tmp_path, goes_well=False)
    assert "request_id" not in json.loads(told)
    assert not (tmp_path / "smaller.csv").exists()
