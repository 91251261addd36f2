"""R15 R25: at the one address there is one OpenAPI document, and a page that tells all of it."""

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any
from unittest.mock import MagicMock

import httpx
import pytest

from services.status.api.app import make_app
from services.status.api.reference.page import reference_page
from services.status.api.reference.routes import INGEST
from services.status.api.reference.whole import Group, group_of, whole_document
from shared.observing.health import Health
from shared.web.auth import OpenDoor
from tests.writers.endpoints import Document, documents, ingest_document

HOSTILE = "</pre><script>alert(1)</script>"


@pytest.fixture(scope="module")
def parts() -> dict[str, Document]:
    return documents()


@pytest.fixture(scope="module")
def whole(parts: dict[str, Document]) -> Document:
    return whole_document(parts["status"], parts["ingest"])


async def asked(path: str, authenticator: Any = None) -> httpx.Response:
    anything: Any = MagicMock(authenticator=authenticator or OpenDoor())
    transport = httpx.ASGITransport(make_app(anything, Health()))
    async with httpx.AsyncClient(transport=transport, base_url="http://status") as http:
        return await http.get(path)


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_status_keeps_what_ingest_says_of_itself_now() -> None:
    """After an endpoint or an answer has changed: `python -m tests.writers.endpoints`."""
    assert INGEST.read_text() == ingest_document()


def test_it_holds_every_operation_of_both_as_its_service_says_it(
    parts: dict[str, Document], whole: Document
) -> None:
    said = [each for part in parts.values() for each in operations(part)]
    told = {(method, path): operation for method, path, operation in operations(whole)}
    assert len(told) == len(said)
    for method, path, operation in said:
        assert told[method, path] == {"tags": [group_of(method, path)], **operation}
    names = [operation["operationId"] for operation in told.values()]
    assert len(set(names)) == len(names)


def test_what_both_name_alike_is_the_same_and_whatever_is_named_is_there(
    parts: dict[str, Document], whole: Document
) -> None:
    schemas = {name: part["components"]["schemas"] for name, part in parts.items()}
    for name in schemas["ingest"].keys() & schemas["status"].keys():
        assert schemas["ingest"][name] == schemas["status"][name]
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(whole)))
    assert named <= whole["components"]["schemas"].keys()


def test_each_group_has_operations_and_is_told(whole: Document) -> None:
    assert [tag["name"] for tag in whole["tags"]] == list(Group)
    assert {operation["tags"][0] for _, _, operation in operations(whole)} == set(Group)


async def test_both_are_served_and_the_page_runs_nothing(whole: Document) -> None:
    """R20"""
    document = await asked("/openapi/whole.json")
    assert document.json() == whole
    page = await asked("/docs")
    assert page.text == reference_page(whole)
    rules = dict(rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert "script-src" not in rules
    assert re.findall(r"<script|<style|\son\w+=|\sstyle=|src=|@import|url\(", page.text) == []
    assert re.findall(r'href="([^#/][^"]*)"', page.text) == []  # nothing from elsewhere
    (style,) = re.findall(r'rel="stylesheet" href="([^"]+)"', page.text)
    assert (await asked(style)).headers["content-type"].startswith("text/css")


def test_the_page_tells_every_call_parameter_and_refusal(whole: Document) -> None:
    page = reference_page(whole).replace("<wbr>", "")  # where an address may break
    for method, path, operation in operations(whole):
        article = page.partition(f'<article id="{operation["operationId"]}">')[2].partition("</article>")[0]
        assert f"{method.upper()}</b> <code>{escape(path)}</code>" in article
        for parameter in operation.get("parameters", []):
            assert f"<code>{parameter['name']}</code>" in article
        for status in operation["responses"]:
            assert f"<h4>{status}: " in article


@pytest.mark.parametrize("place", ["summary", "description", "example", "path"])
def test_text_of_the_document_stays_text(whole: Document, place: str) -> None:
    """R20"""
    changed = json.loads(json.dumps(whole))
    operation = changed["paths"]["/v1/requests"]["get"]
    match place:
        case "summary":
            operation["summary"] = HOSTILE
        case "description":
            operation["parameters"][0]["description"] = HOSTILE
        case "example":
            operation["responses"]["200"]["content"]["application/json"]["example"] = {"a": HOSTILE}
        case _:
            changed["paths"][f"/v1/{HOSTILE}"] = {"get": operation | {"operationId": "x"}}
    page = reference_page(changed).replace("<wbr>", "")
    assert "<script" not in page
    assert escape(HOSTILE) in page


async def test_keys_are_spoken_of_where_they_are_asked_for() -> None:
    asking: Any = MagicMock(asks_for_keys=True)
    document = (await asked("/openapi/whole.json", asking)).json()
    assert document["security"] == [{"ApiKey": []}, {"Bearer": []}]
    assert set(document["components"]["securitySchemes"]) == {"ApiKey", "Bearer"}
    assert "A call needs a key" in (await asked("/docs", asking)).text
    assert "A call needs a key" not in (await asked("/docs")).text


def test_generators_for_go_make_a_program_that_compiles_of_it(whole: Document) -> None:
    """R15: oapi-codegen refuses a list of types, and whoever writes names in camel case has `request_id` and
    `requestId` twice."""
    for schema in schemas_in(whole):
        assert not isinstance(schema.get("type"), list), schema
        names = [name.replace("_", "").lower() for name in schema.get("properties", {})]
        assert len(set(names)) == len(names), names


def test_every_answer_that_has_a_body_says_what_a_client_gets(whole: Document) -> None:
    """R15: of a file without a schema the clients that generators make return nothing."""
    for _, path, operation in operations(whole):
        for answer in operation["responses"].values():
            for media_type, content in answer.get("content", {}).items():
                assert content.get("schema"), (path, media_type)


def schemas_in(part: Any) -> Iterator[Document]:
    match part:
        case dict():
            yield part
            for each in part.values():
                yield from schemas_in(each)
        case list():
            for each in part:
                yield from schemas_in(each)
