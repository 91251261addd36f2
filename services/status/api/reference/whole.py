"""One OpenAPI document of two (pure): operations in the order in which people meet them, in groups."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from shared.web.openapi.schemas import Json

TITLE = "Pixmill"
ABOUT = """\
Upload a CSV of products and the addresses of their images: every image is fetched and compressed, and the CSV
comes back with the new addresses. Ask how far it is, follow it as it happens, or be called when it has ended.

Right after an upload the state is `pending`; an id that nobody knows is 404. With `Accept: text/csv` invalid
rows come back as your own file with the columns Error and Suggestion. Send an `X-Request-Id` to find a call
in the logs."""
_METHODS = ("post", "get", "delete")


class Group(StrEnum):
    """In the order in which they are told."""

    UPLOAD = "Upload"
    FOLLOW = "Follow and change"
    RESULTS = "Results"
    EVENTS = "Webhooks and events"
    SNAKE = "In snake case"
    CAMEL = "In camel case"


_ABOUT = {
    Group.UPLOAD: "A CSV or a workbook of products and the addresses of their images begins a request.",
    Group.FOLLOW: "How far a request is, what became of each image, and what can be done about it.",
    Group.RESULTS: "Compressed images, and CSVs with their addresses.",
    Group.EVENTS: "How a request's end is told: by a signed webhook, and as a list of ends.",
    Group.SNAKE: "The same by other paths, for clients that expect them.",
    Group.CAMEL: "The same by other paths, for clients that expect them.",
}
_ABOUT_UPLOADS = frozenset({("post", "/v1/requests"), ("post", "/v1/validate"), ("get", "/v1/template.csv")})


def whole_document(own: Json, ingest: Json) -> Json:
    """Of `own` is what does not belong to an operation: its version, and whether keys are asked for."""
    operations = sorted((*_operations(ingest), *_operations(own)), key=_place)
    paths: dict[str, Json] = {}
    for method, path, operation in operations:
        paths.setdefault(path, {})[method] = {"tags": [group_of(method, path)], **operation}
    components = own["components"]
    schemas = ingest["components"]["schemas"] | components["schemas"]
    return {
        **own,
        "info": {**own["info"], "title": TITLE, "description": ABOUT},
        "tags": [{"name": group, "description": _ABOUT[group]} for group in Group],
        "paths": paths,
        "components": {**components, "schemas": dict(sorted(schemas.items()))},
    }


def group_of(method: str, path: str) -> Group:
    if path.startswith("/api/"):
        return Group.CAMEL
    if not path.startswith("/v1/"):
        return Group.SNAKE
    if (method, path) in _ABOUT_UPLOADS:
        return Group.UPLOAD
    if path == "/v1/events" or "/webhooks/" in path or "/deliveries" in path:
        return Group.EVENTS
    is_file = path.startswith("/v1/files/") or "." in path.rpartition("/")[2]
    return Group.RESULTS if is_file else Group.FOLLOW


def _operations(document: Mapping[str, Json]) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def _place(described: tuple[str, str, Json]) -> tuple[int, str, int]:
    method, path, _ = described
    return list(Group).index(group_of(method, path)), path, _METHODS.index(method)
