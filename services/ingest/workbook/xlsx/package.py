"""Finds the parts of a workbook of Excel: what the document is, and which part relates to which."""

import posixpath
from collections.abc import Callable, Mapping
from typing import NamedTuple

from services.ingest.workbook.limits import LINK_CHARACTERS
from services.ingest.workbook.unpacking.archive import Archive
from services.ingest.workbook.unpacking.markup import Attributes, Handler, read_whole
from services.ingest.workbook.xlsx.names import PREFIXES

CONTENT_TYPES = "[Content_Types].xml"
ENTRY_BYTES = 200  # what a relation takes besides its words: so there are some 80,000 at most


class Relation(NamedTuple):
    kind: str  # the last word of its type
    target: str  # the name of a part, or an address
    is_outside: bool


def main_part(archive: Archive) -> str | None:
    """The part that holds the document itself."""
    if "_rels/.rels" not in archive:
        return None
    related = relations(archive, "").values()
    return next((each.target for each in related if each.kind == "officeDocument"), None)


def content_type(archive: Archive, part: str) -> str:
    found = _ContentType(part.lower().lstrip("/"))
    read_whole(archive.pieces(CONTENT_TYPES), found, archive.budget)
    return found.of_part or found.of_ending


def relations(archive: Archive, part: str) -> Mapping[str, Relation]:
    """Those of one part, by their ids. Raises `CsvTooLarge` for addresses without end."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in archive:
        return {}
    found = _Relations(folder, archive.budget.limits.too_many_links)
    read_whole(archive.pieces(path), found, archive.budget)
    return found.by_id


class _ContentType(Handler):
    prefixes = PREFIXES

    def __init__(self, part: str) -> None:
        self.of_part = self.of_ending = ""
        self._part = part
        self._ending = part.rpartition(".")[2]

    def start(self, name: str, attributes: Attributes) -> None:
        kind = attributes.get("ContentType", "")
        if name == "Override" and attributes.get("PartName", "").lower().lstrip("/") == self._part:
            self.of_part = kind
        elif name == "Default" and attributes.get("Extension", "").lower() == self._ending:
            self.of_ending = kind


class _Relations(Handler):
    prefixes = PREFIXES

    def __init__(self, folder: str, too_many: Callable[[], Exception]) -> None:
        self.by_id: dict[str, Relation] = {}
        self._folder = folder
        self._too_many = too_many
        self._characters = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name != "Relationship":
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = attributes.get("Target", "")
        is_outside = attributes.get("TargetMode", "").lower() == "external"
        key = attributes.get("Id", "")
        self._characters += len(target) + len(kind) + len(key) + ENTRY_BYTES
        if self._characters > LINK_CHARACTERS:
            raise self._too_many()
        part = target if is_outside else posixpath.normpath(posixpath.join("/", self._folder, target))
        self.by_id[key] = Relation(kind, part, is_outside)
