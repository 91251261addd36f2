"""What mkdocs asks while it builds the site: which pages stand on which shelf, and where links lead.

The documents stay plain Markdown that is read in the repository too. So the shelves are the lists of
docs/README.md, and a link that leaves docs/ leads to a page where there is one, and else loses its address: a
site has no tests to show.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
INDEX = "README.md"
BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")  # where people look for them: at the top
MERMAID = ROOT / "tools/node/node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"
MERMAID_ADDRESS = "assets/mermaid.js"
_SHELF = re.compile(r"^## (.+)$", re.MULTILINE)
_BOOK = re.compile(r"^- \[(.+)\]\((.+)\)$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\[\]]*\])+)\]\(([^)\s#]+)(#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    config.nav = [{"Pixmill": INDEX}, *shelves((DOCS / INDEX).read_text("utf-8"))]
    return config


def shelves(index: str) -> Iterator[dict[str, list[dict[str, Any]]]]:
    _, *parts = _SHELF.split(index)
    for shelf, books in zip(parts[::2], parts[1::2], strict=True):
        yield {shelf: [{title: _standing(target)} for title, target in _BOOK.findall(books)]}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for name in BESIDE:
        files.append(File.generated(config, name, content=(ROOT / name).read_text("utf-8")))
    files.append(File.generated(config, MERMAID_ADDRESS, abs_src_path=str(MERMAID)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    source = page.file.src_uri
    here = ROOT if source in BESIDE else (DOCS / source).parent
    text = _LINK.sub(lambda link: _led(link, here, posixpath.dirname(source)), markdown)
    if "```mermaid" in markdown:
        painter = posixpath.relpath(MERMAID_ADDRESS, posixpath.dirname(source) or ".")
        text += f'\n\n<script src="{painter}"></script>\n'
    return text


def _standing(target: str) -> str | list[str]:
    """A page, or all pages of a folder."""
    place = (DOCS / target).resolve()
    if place.is_dir():
        return [each.relative_to(DOCS).as_posix() for each in sorted(place.glob("*.md"))]
    return _page_of(place) or target


def _led(link: re.Match[str], here: Path, folder: str) -> str:
    text, target, section = link.groups(default="")
    if "://" in target:
        return link[0]
    place = (here / target).resolve()
    if not place.exists():
        return link[0]  # for mkdocs to complain about
    page = _page_of(place)
    return text if page is None else f"[{text}]({posixpath.relpath(page, folder or '.')}{section})"


def _page_of(place: Path) -> str | None:
    """The page of the site that this file of the repository is."""
    if place.suffix == ".md" and place.is_relative_to(DOCS):
        return place.relative_to(DOCS).as_posix()
    if place.name in BESIDE and place.parent == ROOT:
        return place.name
    return None
