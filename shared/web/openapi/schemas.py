"""The words of JSON Schema that the documents of the services are written in (pure)."""

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
FLAG: Json = {"type": "boolean"}
COUNT: Json = {"type": "integer", "minimum": 0}
NUMBER: Json = {"type": "number"}
UUID_TEXT: Json = {"type": "string", "format": "uuid"}
URL: Json = {"type": "string", "format": "uri"}
ADDRESS: Json = {"type": "string", "format": "uri-reference"}
TIME: Json = {"type": "string", "format": "date-time"}
FILE: Json = {
    "type": "string",
    "format": "binary",  # OpenAPI 3.0's way to say it is a file, and the only one that some generators know
    "contentMediaType": "application/octet-stream",  # OpenAPI 3.1's
}


def members(**properties: Json) -> Json:
    """An object that always has these members; others may come with time."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def listed(items: Json) -> Json:
    return {"type": "array", "items": items}


def one_of(values: Sequence[str]) -> Json:
    return {"type": "string", "enum": list(values)}


def or_null(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def page_of(item: Json) -> Json:
    return members(items=listed(item), next=or_null(TEXT))


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
