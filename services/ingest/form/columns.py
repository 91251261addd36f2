"""The form's field `columns`: which columns the caller says are the needed ones (pure)."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from services.ingest.csv_file.header.column_choice import ColumnChoice
from services.ingest.form.form import FormField
from services.ingest.form.refusals import invalid_form
from shared.web.problems import Problem

MOST_NAMES = 1_000

_EXAMPLE = '{"serial_number": "ID", "product_name": "Title", "image_urls": ["Image Src"]}'
_SPELLINGS = {
    "serial_number": "serial_number",
    "serialNumber": "serial_number",
    "product_name": "product_name",
    "productName": "product_name",
    "image_urls": "image_urls",
    "imageUrls": "image_urls",
}


def read_column_choice(text: str) -> ColumnChoice:
    """What is null, empty or left out is not said. A problem for what cannot be understood."""
    if not text:
        return ColumnChoice()
    try:
        value = from_json(text)
    except ValueError as error:
        raise _misspelt("is not JSON") from error
    if not isinstance(value, dict):
        raise _misspelt("is not a JSON object")
    unknown = next((key for key in value if key not in _SPELLINGS), None)
    if unknown is not None:
        raise _misspelt(f"has no member '{unknown[:40]}'")
    said = {_SPELLINGS[key]: names for key, names in value.items()}
    return ColumnChoice(
        serial_number=_name(said, "serial_number"),
        product_name=_name(said, "product_name"),
        image_urls=_names(said.get("image_urls")),
    )


def _name(said: Mapping[str, Any], key: str) -> str | None:
    name = said.get(key)
    if name is not None and not isinstance(name, str):
        raise _misspelt(f"gives no name for '{key}'")
    return name or None


def _names(names: object) -> tuple[str, ...]:
    listed = [names] if isinstance(names, str) else names or []
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise _misspelt("gives no list of names for 'image_urls'")
    if len(listed) > MOST_NAMES:
        raise _misspelt(f"names more than {MOST_NAMES:,} columns")
    return tuple(filter(None, listed))


def _misspelt(fault: str) -> Problem:
    return invalid_form(f"The field 'columns' {fault}; write it as in {_EXAMPLE}.", FormField.COLUMNS)
