"""The namespaces of Office Open XML, in its transitional and in its strict spelling (pure)."""

from collections.abc import Mapping

_OFFICE = "http://schemas.openxmlformats.org/"
_STRICT = "http://purl.oclc.org/ooxml/"
PREFIXES: Mapping[str, str] = {
    f"{_OFFICE}spreadsheetml/2006/main": "",
    f"{_STRICT}spreadsheetml/main": "",
    f"{_OFFICE}package/2006/relationships": "",
    f"{_OFFICE}package/2006/content-types": "",
}
RELATION_IDS = (
    f"{_OFFICE}officeDocument/2006/relationships id",
    f"{_STRICT}officeDocument/relationships id",
)
