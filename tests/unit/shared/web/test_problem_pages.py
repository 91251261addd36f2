"""The address in an error's `type` leads to a page that says what it means, for every type that there is."""

import ast
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from shared.web.pages.problem_kinds import KINDS
from shared.web.pages.problem_pages import problem_routes
from shared.web.problems import PROBLEM_TYPES, install_problems, unavailable

ROOT = Path(__file__).parents[4]


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    app = FastAPI()
    install_problems(app)
    app.include_router(problem_routes())
    async with AsyncClient(transport=ASGITransport(app), base_url="http://service") as client:
        yield client


def kinds_in_the_code() -> Iterator[str]:
    """The second argument of each `Problem`, the third of each `unavailable` and `too_many`."""
    files = (path for top in ("services", "shared") for path in (ROOT / top).rglob("*.py"))
    for call in (node for path in files for node in ast.walk(ast.parse(path.read_text()))):
        match call:
            case ast.Call(func=ast.Name(id="Problem"), args=[_, ast.Constant(value=str(kind)), *_]):
                yield kind
            case ast.Call(
                func=ast.Name(id="unavailable" | "too_many"), args=[_, _, ast.Constant(value=str(kind)), *_]
            ):
                yield kind


def test_every_type_of_the_code_has_its_words_and_none_is_told_that_does_not_exist() -> None:
    by_the_framework = {"method-not-allowed"}
    assert set(kinds_in_the_code()) | {unavailable("").kind} | by_the_framework == set(KINDS)


def test_what_the_gateway_says_by_itself_has_a_page_or_is_nothing_but_its_status() -> None:
    types = re.findall(r"import problem (\S+)", (ROOT / "deploy/gateway/Caddyfile").read_text())
    kinds = ("too-large", "invalid-request", "too-slow", "method-not-allowed", "unavailable")
    assert set(types) == {"about:blank", *(PROBLEM_TYPES + kind for kind in kinds)}
    assert {each.removeprefix(PROBLEM_TYPES) for each in types if each != "about:blank"} <= set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_a_problem_s_type_leads_to_its_page(client: AsyncClient, kind: str) -> None:
    """R15"""
    answer = await client.get(PROBLEM_TYPES + kind)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f"<h1>{kind}</h1>" in answer.text
    assert all(heading in answer.text for heading in ("<h2>Who can mend it</h2>", "<h2>What to do</h2>"))
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_an_error_s_own_type_can_be_opened_where_the_error_came_from(client: AsyncClient) -> None:
    error = await client.get("/nothing/here")
    page = await client.get(error.json()["type"])
    assert (error.status_code, page.status_code) == (404, 200)
    assert f'href="{error.json()["type"]}"' in (await client.get(PROBLEM_TYPES)).text


async def test_a_type_that_does_not_exist_has_no_page(client: AsyncClient) -> None:
    assert (await client.get(PROBLEM_TYPES + "teapot")).status_code == 404
