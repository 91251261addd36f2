"""docs/api.md says of the endpoints what the OpenAPI documents say."""

import re

from tests.writers.endpoints import PAGE, documents, with_table

MENTIONED = re.compile(r"`(GET|POST|DELETE) ([^\s`?]+)[^`]*`(?:[^|`→]*`[^`]+`)?(?: → (\d{3}))?")
SHORT = {"…/{id}": "/v1/requests/{id}", "/v1/files/…": "/v1/files/{key}"}
UNLISTED = {"/openapi.json", "/docs"}


def path_of(mentioned: str) -> str:
    for short, path in SHORT.items():
        mentioned = mentioned.replace(short, path)
    return mentioned.replace("{id}", "{request_id}")


def test_the_table_of_endpoints_is_that_of_the_documents() -> None:
    """After an endpoint or an answer has changed: `python -m tests.writers.endpoints`."""
    page = PAGE.read_text()
    assert page == with_table(page)


def test_every_call_that_the_page_speaks_of_is_there_and_answers_so() -> None:
    calls = {
        (method.upper(), path): operation["responses"]
        for document in documents().values()
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    mentioned = [
        (method, path_of(path), status)
        for method, path, status in MENTIONED.findall(PAGE.read_text())
        if path not in UNLISTED
    ]
    assert len(mentioned) > len(calls)  # the table, and the text besides
    for method, path, status in mentioned:
        assert (method, path) in calls
        assert not status or status in calls[method, path]
