"""The OpenAPI documents tell the truth: schemathesis against both services, and their routes and examples."""

import asyncio
import dataclasses
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import jsonschema
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic_core import from_json, to_json
from starlette.types import ASGIApp, Receive, Scope, Send

from services.status.api.app import make_app
from services.status.api.openapi.example_request import OUTPUT_KEY
from services.status.rendering.workbook.parts import MEDIA_TYPE
from shared.observing.health import Health
from shared.web.api_keys import ApiKey, append_key, key_hash
from shared.web.auth import KeyFile
from shared.web.openapi.answers import EXAMPLE_ID
from shared.web.rate_limiting import RateLimited, open_rate_limiter
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.processes.child_process import running
from tests.worlds.services.ingest_world import Ingest, open_ingest
from tests.worlds.services.status_world import CREATED, EXPIRES, StatusWorld, open_world, served

ROOT = Path(__file__).parents[2]
CHECK_SECONDS = 900  # some thousand calls; a hang is found by that none comes any more
TENANT = "shop"  # and its key
NO_JSON_VALUE = {"text/event-stream", "image/*", "application/zip", MEDIA_TYPE}
UNLISTED = {"/livez", "/readyz", "/startedz", "/metrics", "/problems/", "/problems/{name}"} | {
    *("/failures/", "/failures/{name}"),
    *("/openapi.json", "/openapi/whole.json", "/docs", "/docs/style.css", "/", "/page/{name:path}"),
}
Document = dict[str, Any]


def one_key(folder: Path) -> KeyFile:
    append_key(folder / "keys", ApiKey(sha256=key_hash(TENANT), tenant=TENANT))
    return KeyFile(folder / "keys")


@pytest.fixture
async def status(database: str, tmp_path: Path) -> AsyncIterator[StatusWorld]:
    async with open_world(database) as world:
        limited = RateLimited(one_key(tmp_path), open_rate_limiter(requests=100_000))
        deps = dataclasses.replace(world.deps, authenticator=limited)
        yield dataclasses.replace(world, app=make_app(deps, Health()), deps=deps, tenant=TENANT)


@pytest.fixture
async def ingest(tmp_path: Path) -> AsyncIterator[Ingest]:
    async with open_ingest(open_rate_limiter(requests=100_000), one_key(tmp_path)) as ingest:
        yield ingest


async def document_of(app: FastAPI) -> Document:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        document: Document = (await http.get("/openapi.json")).json()
    return document


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


async def ended_request(world: StatusWorld, **columns: Any) -> UUID:
    """One that every path has something to show of."""
    request_id = await world.add_request(
        state="completed",
        products=1,
        images=2,
        done=1,
        failed=1,
        completed_at=CREATED,
        expires_at=EXPIRES,
        output_csv_path="requests/x/output-1.csv",
        webhook_url="https://shop.example/hook",
        **columns,
    )
    world.store.objects["requests/x/output-1.csv"] = b"a,b\r\n"
    await world.add_product(request_id, 0, 2, 0)
    await world.add_image(request_id, 0, 0, "done", output_key=OUTPUT_KEY)
    world.store.objects[OUTPUT_KEY] = b"an image"
    await world.add_image(request_id, 1, 0, "failed")
    await world.add_attempt(await world.add_delivery(request_id))
    await world.add_completion(request_id, _completed(request_id))
    return request_id


def _completed(request_id: UUID) -> dict[str, Any]:
    ids = {"request_id": str(request_id), "requestId": str(request_id), "run": 1}
    moment = {"timestamp": "2026-11-20T10:00:00.123Z"}
    said: Document = {"status": "completed", "message": "1 of 2", "output_csv_url": None, "data": {}}
    return {"type": "request.completed", **moment, **ids, **said}


def counted(app: FastAPI, patience: asyncio.Timeout) -> ASGIApp:
    """Each call is a sign of life of whoever makes them."""

    async def hear(scope: Scope, receive: Receive, send: Send) -> None:
        if not patience.expired():
            patience.reschedule(asyncio.get_running_loop().time() + DEADLINE_SECONDS)
        await app(scope, receive, send)

    return hear


async def run_schemathesis(app: FastAPI, folder: Path, config: str = "") -> None:
    """Fails with the report of what an answer said that the document does not, or the other way round."""
    common = (ROOT / "schemathesis.toml").read_text().replace('"tests/', f'"{ROOT}/tests/')
    (folder / "schemathesis.toml").write_text(common + config)
    patience = asyncio.timeout(DEADLINE_SECONDS)
    async with served(counted(app, patience)) as address:
        command: Sequence[str | Path] = (
            Path(sys.executable).with_name("schemathesis"),
            *("--config-file", folder / "schemathesis.toml", "run", f"{address}/openapi.json"),
            *("--header", f"X-API-Key: {TENANT}", "--seed", "1", "--max-examples", "5"),
            *("--phases", "examples,coverage,fuzzing", "--workers", "1"),
        )
        pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.STDOUT}
        async with patience, running(*command, cwd=folder, **pipes) as process:
            report, _ = await process.communicate()
    assert process.returncode == 0, report.decode()


@pytest.mark.timeout(CHECK_SECONDS)
async def test_ingest_answers_as_its_document_says(ingest: Ingest, tmp_path: Path) -> None:
    """R03, R15, R20"""
    await run_schemathesis(ingest.app, tmp_path)
    assert ingest.producer.published  # else nothing but refusals was tried


@pytest.mark.timeout(CHECK_SECONDS)
async def test_status_answers_as_its_document_says(status: StatusWorld, tmp_path: Path) -> None:
    """R10, R15, R20"""
    shown, changed = await ended_request(status, id=UUID(EXAMPLE_ID)), await ended_request(status)
    status.store.objects[OUTPUT_KEY] = b"an image"
    config = f"""
        [parameters]
        "path.request_id" = "{shown}"
        "path.key" = "{OUTPUT_KEY}"
        [[operations]]
        include-method = ["POST", "DELETE"]
        parameters = {{ "path.request_id" = "{changed}" }}
        """
    await run_schemathesis(status.app, tmp_path, config)
    assert (await status.get(f"/v1/requests/{changed}")).status_code == 404  # it was really deleted


@pytest.fixture(params=["ingest", "status"])
def app(request: pytest.FixtureRequest) -> FastAPI:
    app: FastAPI = request.getfixturevalue(request.param).app
    return app


async def test_every_route_is_in_its_document_and_nothing_else(app: FastAPI) -> None:
    routes = {
        (str(route.path), method)
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or set()) - {"HEAD"}
        if route.path not in UNLISTED
    }
    twins = {(path, method) for path, method in routes if path.endswith("/")}
    assert {(path.removesuffix("/"), method) for path, method in twins} <= routes
    listed = {(path, method) for path, method, _ in operations(await document_of(app))}
    assert listed == {(path.replace(":path}", "}"), method) for path, method in routes - twins}


def test_whatever_answers_get_answers_head(app: FastAPI) -> None:
    """As monitors and checkers of links ask."""
    answers = {
        (str(route.path), method)
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
    }
    assert [path for path, method in answers if method == "GET" and (path, "HEAD") not in answers] == []


async def test_every_answer_and_refusal_has_an_example_that_fits_its_schema(app: FastAPI) -> None:
    document = await document_of(app)
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            for media_type, content in answer.get("content", {}).items():
                if media_type in NO_JSON_VALUE:
                    continue
                where = f"{method} {path} {status}"
                examples = [each["value"] for each in content.get("examples", {}).values()]
                examples += [content["example"]] if "example" in content else []
                assert examples, where
                for example in examples:
                    jsonschema.validate(example, {**content["schema"], "components": document["components"]})


async def test_the_documented_upload_is_answered_as_documented(ingest: Ingest) -> None:
    upload = (await document_of(ingest.app))["paths"]["/v1/requests"]["post"]
    (form,) = upload["requestBody"]["content"].values()
    answer = await ingest.post(csv=form["example"]["file"].encode(), headers={"X-API-Key": TENANT})
    example = upload["responses"]["202"]["content"]["application/json"]["example"]
    assert answer.json() == from_json(to_json(example).replace(b"pixmill.example", b"pixmill.test"))


async def test_an_upload_is_a_file_to_generators_that_know_only_what_openapi_3_0_calls_one(
    ingest: Ingest,
) -> None:
    """One that knows no `contentMediaType`, as openapi-python-client, would send the file's repr as text."""
    forms = [
        form["schema"]["properties"]
        for _, _, operation in operations(await document_of(ingest.app))
        for form in operation.get("requestBody", {}).get("content", {}).values()
    ]
    files = [fields.get("file") or fields["csvFile"] for fields in forms]
    assert len(files) == 4  # three families of paths, and the dry run
    for file in files:
        told = (file["type"], file["format"], file["contentMediaType"])
        assert told == ("string", "binary", "application/octet-stream")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/requests", "limit=1001"),
        ("/v1/requests", "cursor=x"),
        ("/v1/requests/{request_id}", "wait=-1"),
        ("/v1/requests/{request_id}/images", "limit=1001"),
        ("/v1/requests/{request_id}/images", "cursor=x"),
        ("/v1/requests/{request_id}/output.csv", "columns=few"),
    ],
)
async def test_a_parameter_beyond_its_limits_is_refused_as_documented(
    status: StatusWorld, path: str, query: str
) -> None:
    refusals = (await document_of(status.app))["paths"][path]["get"]["responses"]["400"]["content"]
    request_id = await ended_request(status)
    answer = await status.get(f"{path.format(request_id=request_id)}?{query}")
    documented = [each["summary"] for content in refusals.values() for each in content["examples"].values()]
    assert (answer.status_code, answer.json()["error"] in documented) == (400, True)


async def test_what_may_be_known_already_is_documented_so(status: StatusWorld) -> None:
    shown = await ended_request(status)
    key = OUTPUT_KEY.replace(EXAMPLE_ID, str(shown))
    status.store.objects[key] = b"an image"
    for path, method, operation in operations(await document_of(status.app)):
        concrete = path.format(request_id=shown, key=key)
        tag = (await status.get(concrete)).headers.get("etag") if method == "GET" else None
        if tag is not None:
            known = await status.get(concrete, headers={"If-None-Match": tag})
            assert (known.status_code, path, "304" in operation["responses"]) == (304, path, True)
