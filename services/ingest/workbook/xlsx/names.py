"""The namespaces of Office Open XML in its transitional and its strict spelling, and its values (pure)."""

from collections.abc import Mapping

_OFFICE = "http://schemas.openxmlformats.org/"
_STRICT = "http://purl.oclc.org/ooxml/"
PREFIXES: Mapping[str, str] = {
    f"{_OFFICE}spreadsheetml/2006/main": "",
    f"{_STRICT}spreadsheetml/main": "",
    f"{_OFFICE}package/2006/relationships": "",
    f"{_OFFICE}package/2006/content-types": "",
}
TRUE = frozenset({"1", "true"})
_RELATION_IDS = (
    f"{_OFFICE}officeDocument/2006/relationships id",
    f"{_STRICT}officeDocument/relationships id",
)


def relation_id(attributes: Mapping[str, str]) -> str:
    """By which an element names what it relates to; empty where it names nothing."""
    return next((attributes[each] for each in _RELATION_IDS if each in attributes), "")
