"""R28: the programs of docs/how-to/move-to-pixmill.md run as they stand."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

from pixmill.testing import FakePixmill

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/how-to/move-to-pixmill.md").read_text("utf-8")
ONLY_NEW, ADDRESSES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
HEADER = "S. No.,Product Name,Input Image Urls\n"


def ran(program: str, server: FakePixmill, folder: Path) -> str:
    environment = os.environ | {"PIXMILL_URL": server.url, "PYTHONPATH": str(ROOT / "client/src")}
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_nightly_script_sends_what_is_new_or_failed_and_keeps_the_addresses_of_the_rest(
    server: FakePixmill, tmp_path: Path
) -> None:
    products = tmp_path / "products.csv"
    products.write_text(f"{HEADER}1,Teapot,https://shop.example/1.jpg\n")
    assert ran(ONLY_NEW, server, tmp_path) == "1 of 1 sent\n"
    products.write_text(f"{products.read_text()}2,Lamp,https://shop.example/2.jpg\n")
    server.fail("https://shop.example/2.jpg")
    assert ran(ONLY_NEW, server, tmp_path) == "1 of 2 sent\n"
    server.mend("https://shop.example/2.jpg")
    assert ran(ONLY_NEW, server, tmp_path) == "1 of 2 sent\n"
    assert ran(ONLY_NEW, server, tmp_path) == "0 of 2 sent\n"
    assert [b"1.jpg" in upload.content for upload in server.uploads] == [True, False, False]
    with (tmp_path / "smaller.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Product Name"] for row in rows] == ["Teapot", "Lamp"]
    assert all(re.fullmatch(r"http://\S+/v1/files/\S+\.jpg", row["Output Image Urls"]) for row in rows)


def test_a_list_of_addresses_becomes_files(server: FakePixmill, tmp_path: Path) -> None:
    (tmp_path / "urls.txt").write_text("https://shop.example/teapot.jpg\nhttps://shop.example/lamp.jpg\n")
    assert ran(ADDRESSES, server, tmp_path) == "2 done, 0 failed, 2 files\n"
    assert len(list((tmp_path / "pictures").rglob("*.jpg"))) == 2
