"""R15 R19: each failure code has a page at the address that answers give."""

from collections.abc import AsyncIterator
from html import unescape

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from services.status.api import failure_pages
from services.status.rendering.failure_words import WHO, advice_of
from services.status.rendering.links import FAILURES, Links
from shared.contract.codes import Code, FailureCode, http_code, meaning_of
from shared.web.problems import install_problems

CODES: tuple[Code, ...] = (*FailureCode, *map(http_code, (0, 401, 404, 418, 503, 999)))


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    app = FastAPI()
    install_problems(app)
    app.include_router(failure_pages.router)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://status") as client:
        yield client


@pytest.mark.parametrize("code", CODES)
async def test_the_address_of_a_code_leads_to_what_it_means_who_can_mend_it_and_what_to_do(
    client: AsyncClient, code: Code
) -> None:
    page = await client.get(Links("http://status").failure(code))
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f"<h1>{code}</h1>" in page.text
    told = unescape(page.text).lower()
    for said in (meaning_of(code).hint, WHO[meaning_of(code).fixer], advice_of(code)):
        assert said.partition("`")[0].lower() in told  # what stands between back-ticks is marked as code
    assert not {"*", "`"} & set(told)  # it is no Markdown
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_no_two_codes_have_the_same_advice() -> None:
    assert len({advice_of(code) for code in FailureCode}) == len(FailureCode)


async def test_all_of_them_are_listed(client: AsyncClient) -> None:
    listed = await client.get(FAILURES)
    assert [code for code in FailureCode if f'href="{FAILURES}{code}"' not in listed.text] == []


@pytest.mark.parametrize("name", ["teapot", "http_40", "HTTP_404", "<b>"])
async def test_what_is_no_code_has_no_page(client: AsyncClient, name: str) -> None:
    assert (await client.get(FAILURES + name)).status_code == 404
