"""The API as a page to read (pure): plain HTML without a script, made of the OpenAPI document alone."""

from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby

from services.status.api.reference.shapes import example_block, in_words, members_table
from shared.web.openapi.schemas import Json
from shared.web.pages.marked_text import marked

STYLE = "/docs/style.css"
_HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark">'
    f'<title>Pixmill: the API</title><link rel="stylesheet" href="{STYLE}">'
)
_FOR_PROGRAMS = (
    '<p>For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1). Errors are '
    'problems (RFC 9457); <a href="/problems/">each kind has a page</a>, and so has '
    '<a href="/failures/">each code of an image that fails</a>.</p>'
)

Operation = tuple[str, str, Json]  # method, path, what is said of it


def reference_page(document: Json) -> str:
    operations = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    places = [tag["name"] for tag in document["tags"]]
    operations.sort(key=lambda each: places.index(each[2]["tags"][0]))
    grouped = {name: list(each) for name, each in groupby(operations, lambda each: each[2]["tags"][0])}
    told = {tag["name"]: tag["description"] for tag in document["tags"]}
    schemas = document["components"]["schemas"]
    sections = "".join(_section(name, told[name], each, schemas) for name, each in grouped.items())
    body = f"{_introduction(document)}{_contents(grouped)}<main>{sections}</main>"
    return f'<!doctype html><html lang="en"><head>{_HEAD}</head><body>{body}</body></html>'


def _introduction(document: Json) -> str:
    about = "".join(f"<p>{marked(part)}</p>" for part in document["info"]["description"].split("\n\n"))
    keys = ""
    if document["security"]:
        keys = "<p>A call needs a key, in <code>X-API-Key</code> or as a Bearer token, unless it says so.</p>"
    return f"<header><h1>The API of Pixmill</h1>{about}{keys}{_FOR_PROGRAMS}</header>"


def _contents(grouped: Mapping[str, list[Operation]]) -> str:
    return f'<nav aria-label="Contents">{"".join(_links(*each) for each in grouped.items())}</nav>'


def _links(group: str, operations: list[Operation]) -> str:
    links = "".join(
        f'<li><a href="#{operation["operationId"]}">{_call(method, path)}</a></li>'
        for method, path, operation in operations
    )
    return f"<h2>{escape(group)}</h2><ul>{links}</ul>"


def _section(name: str, about: str, operations: list[Operation], schemas: Mapping[str, Json]) -> str:
    articles = "".join(_article(*each, schemas) for each in operations)
    return f"<section><h2>{escape(name)}</h2><p>{marked(about)}</p>{articles}</section>"


def _article(method: str, path: str, operation: Json, schemas: Mapping[str, Json]) -> str:
    anchor = operation["operationId"]
    no_key = " No key is needed." if operation.get("security") == [] else ""
    parts = [
        f'<h3><a href="#{anchor}">{_call(method, path)}</a></h3>',
        f"<p>{marked(operation['summary'])}.{no_key}</p>",
        _parameters(operation.get("parameters", []), schemas),
        _body(operation.get("requestBody"), schemas),
        *_answers(operation["responses"], schemas),
    ]
    return f'<article id="{anchor}">{"".join(parts)}</article>'


def _call(method: str, path: str) -> str:
    parts = escape(path).replace("/", "<wbr>/")  # where it is too long it breaks between words
    return f'<b class="{method.lower()}">{method}</b> <code>{parts}</code>'


def _parameters(parameters: list[Json], schemas: Mapping[str, Json]) -> str:
    rows = "".join(_parameter(each, schemas) for each in parameters)
    head = "<tr><th>parameter</th><th>in</th><th>is</th><th>means</th></tr>"
    return f"<table>{head}{rows}</table>" if rows else ""


def _parameter(said: Json, schemas: Mapping[str, Json]) -> str:
    about = marked(said.get("description", "")) + _default(said)
    cells = (f"<code>{escape(said['name'])}</code>", said["in"], in_words(said["schema"], schemas), about)
    return f"<tr><td>{'</td><td>'.join(cells)}</td></tr>"


def _default(parameter: Json) -> str:
    default = parameter["schema"].get("default")
    return "" if default is None else f" Left out: <code>{escape(str(default))}</code>."


def _body(body: Json | None, schemas: Mapping[str, Json]) -> str:
    if body is None:
        return ""
    ((media_type, content),) = body["content"].items()
    return f"<h4>Sent as <code>{escape(media_type)}</code></h4>{members_table(content['schema'], schemas)}"


def _answers(responses: Mapping[str, Json], schemas: Mapping[str, Json]) -> Iterator[str]:
    refusals = "".join(_refusal(status, each) for status, each in responses.items() if status >= "400")
    for status, response in responses.items():
        if status < "400":
            yield f"<h4>{status}: {marked(response['description'])}</h4>"
            for media_type, content in response.get("content", {}).items():
                yield _content(media_type, content, schemas)
    yield f"<details><summary>How it may refuse</summary>{refusals}</details>" if refusals else ""


def _content(media_type: str, content: Json, schemas: Mapping[str, Json]) -> str:
    table = members_table(content.get("schema", {}), schemas)
    if "example" not in content:
        return f"<p><code>{escape(media_type)}</code></p>{table}"
    members = f"<details><summary>Its members</summary>{table}</details>" if table else ""
    return f"<p><code>{escape(media_type)}</code></p>{example_block(content['example'])}{members}"


def _refusal(status: str, response: Json) -> str:
    problems = [
        example
        for content in response.get("content", {}).values()
        for example in content.get("examples", {}).values()
    ]
    listed = "".join(f"<li>{marked(each['summary'])}{example_block(each['value'])}</li>" for each in problems)
    return f"<h4>{status}: {marked(response['description'])}</h4><ul>{listed}</ul>"
