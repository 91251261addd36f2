"""The field `columns` of an upload as the fake server reads it: which columns are the needed ones (pure)."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pixmill.testing.refusals import Refused, invalid_form

_EXAMPLE = '{"serial_number": "ID", "product_name": "Title", "image_urls": ["Image Src"]}'
_SPELLINGS = {
    "serial_number": "serial_number",
    "serialNumber": "serial_number",
    "product_name": "product_name",
    "productName": "product_name",
    "image_urls": "image_urls",
    "imageUrls": "image_urls",
}


class SaidColumns(NamedTuple):
    """Their names; none of what is left to be found."""

    serial_number: Sequence[str] = ()
    product_name: Sequence[str] = ()
    image_urls: Sequence[str] = ()


def said_columns(text: str) -> SaidColumns:
    """Raises Refused for what cannot be understood."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        raise _misspelt("is not JSON") from None
    if not isinstance(value, dict):
        raise _misspelt("is not a JSON object")
    unknown = next((name for name in value if name not in _SPELLINGS), None)
    if unknown is not None:
        raise _misspelt(f"has no member '{unknown[:40]}'")
    said = {_SPELLINGS[name]: names for name, names in value.items()}
    return SaidColumns(
        _name(said, "serial_number"), _name(said, "product_name"), _names(said.get("image_urls"))
    )


def places_named(name: str, columns: Sequence[str]) -> Sequence[int]:
    """Where columns of this name stand: exactly, else but for case, spaces and the like."""
    exactly = [place for place, column in enumerate(columns) if column.strip() == name.strip()]
    nearly = [place for place, column in enumerate(columns) if _plain(column) == _plain(name)]
    return exactly or nearly


def _name(said: Mapping[str, Any], member: str) -> Sequence[str]:
    name = said.get(member)
    if name is not None and not isinstance(name, str):
        raise _misspelt(f"gives no name for '{member}'")
    return [name] if name else []


def _names(names: object) -> Sequence[str]:
    listed = [names] if isinstance(names, str) else names or []
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise _misspelt("gives no list of names for 'image_urls'")
    return [name for name in listed if name]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold() or name.strip()


def _misspelt(fault: str) -> Refused:
    return invalid_form("columns", f"The field 'columns' {fault}; write it as in {_EXAMPLE}.")
