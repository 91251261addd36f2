"""R28: `make docs` makes a site of all documents, on four shelves, that loads nothing from anywhere else."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHELVES = ["Tutorial", "How-to", "Reference", "Explanation"]
LOADED = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("source", "src")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built in strict mode: a link or a section that leads nowhere, and a page on no shelf, are errors."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", "tools/docs/mkdocs.yml"]
    built = subprocess.run(
        [*command, "--site-dir", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    return folder


class Assets(HTMLParser):
    """What a browser fetches to show a page, also what its scripts name."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self._is_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if (tag, name) in LOADED and value]
        self._is_script = tag == "script"

    def handle_data(self, data: str) -> None:
        if self._is_script:
            self.addresses += re.findall(r"https?://[^\s\"']+", data)


def test_every_document_is_a_page(site: Path) -> None:
    documents = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    pages = [site / path.with_suffix(".html") for path in documents if path.name != "README.md"]
    assert [page for page in pages if not page.exists()] == []
    beside = ("index", "CHANGELOG", "SECURITY", "CONTRIBUTING")
    assert [name for name in beside if not (site / f"{name}.html").exists()] == []


def test_the_four_shelves_are_its_tabs(site: Path) -> None:
    tabs = re.findall(r'class="md-tabs__link">\s*([^<]+?)\s*<', (site / "index.html").read_text("utf-8"))
    assert tabs == ["Pixmill", *SHELVES]


def test_it_loads_nothing_from_anywhere_else(site: Path) -> None:
    for page in site.rglob("*.html"):
        assets = Assets()
        assets.feed(page.read_text("utf-8"))
        outside = [address for address in assets.addresses if re.match(r"(https?:)?//", address)]
        assert outside == [], page
        files = [page.parent / address for address in assets.addresses if not address.startswith("data:")]
        assert [file for file in files if page.name != "404.html" and not file.exists()] == [], page


def test_the_picture_of_the_wings_brings_its_own_painter(site: Path) -> None:
    """Without it the theme would fetch one from a stranger's server."""
    architecture = (site / "architecture.html").read_text("utf-8")
    assert '<script src="assets/mermaid.js">' in architecture
    assert "mermaid" in (site / "assets/mermaid.js").read_text("utf-8")
