"""Schemas and examples as HTML (pure): what a member is, in words, and what it looks like."""

from collections.abc import Iterator, Mapping
from html import escape

from pydantic_core import to_json

from shared.web.openapi.schemas import Json
from shared.web.pages.marked_text import marked

_NAMES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "object": "object",
    "array": "list",
}
_FORMATS = {
    "uuid": "UUID",
    "uri": "URL",
    "uri-reference": "address",
    "date-time": "time",
    "date": "date",
}
_FEW_VALUES = 8


def members_table(schema: Json, schemas: Mapping[str, Json]) -> str:
    """Nothing for what has no members."""
    rows = "".join(_rows(schema, schemas, ""))
    return f"<table><tr><th>member</th><th>is</th><th>means</th></tr>{rows}</table>" if rows else ""


def example_block(example: object) -> str:
    """One that is wider or higher than its place is scrolled by keys, too."""
    text = example if isinstance(example, str) else to_json(example, indent=2).decode()
    return f'<pre tabindex="0">{escape(text)}</pre>'


def in_words(schema: Json, schemas: Mapping[str, Json]) -> str:
    """What a value is, as HTML."""
    schema = _resolved(schema, schemas)
    if "anyOf" in schema:
        return " or ".join(in_words(each, schemas) for each in schema["anyOf"] if each.get("maxLength") != 0)
    if "enum" in schema:
        return _values(schema["enum"])
    if "type" not in schema:
        return "anything"
    if isinstance(schema["type"], list):
        return " or ".join(_NAMES[each] for each in schema["type"])
    if schema["type"] == "array":
        return f"list of: {in_words(schema['items'], schemas)}"
    return _FORMATS.get(schema.get("format", ""), _NAMES[schema["type"]]) + _bounds(schema)


def _rows(schema: Json, schemas: Mapping[str, Json], prefix: str) -> Iterator[str]:
    for name, member in _properties(schema, schemas).items():
        about = marked(member.get("description", ""))
        cells = (f"<code>{escape(prefix + name)}</code>", in_words(member, schemas), about)
        yield f"<tr><td>{'</td><td>'.join(cells)}</td></tr>"
        yield from _rows(member, schemas, f"{prefix}{name}.")


def _properties(schema: Json, schemas: Mapping[str, Json]) -> Mapping[str, Json]:
    """Those of an object, of the object in a list, and of an object that may be null."""
    schema = _resolved(schema, schemas)
    within = [schema["items"]] if "items" in schema else []
    found: dict[str, Json] = {}
    for part in schema.get("allOf") or schema.get("anyOf") or within:
        found |= _properties(part, schemas)
    found |= schema.get("properties", {})
    return found


def _resolved(schema: Json, schemas: Mapping[str, Json]) -> Json:
    return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _values(values: list[str]) -> str:
    listed = ", ".join(f"<code>{escape(value)}</code>" for value in values)
    if len(values) <= _FEW_VALUES:
        return listed
    return f"<details><summary>one of {len(values)}</summary>{listed}</details>"


def _bounds(schema: Json) -> str:
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    if highest is not None:
        return f", {lowest or 0} to {highest:,}"
    return f", at most {schema['maxLength']} characters" if "maxLength" in schema else ""
