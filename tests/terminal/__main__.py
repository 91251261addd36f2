"""`make terminal`: the command at work on a new stack, into docs/screenshots/terminal.svg for the README."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from pixmill import Client

from deploy.local.own_stack import own_stack
from deploy.local.usage import refuse_arguments
from tests.browser.files import HEADER
from tests.browser.screenshots.__main__ import photo, photo_of
from tests.browser.screenshots.pottery import PRODUCTS
from tests.system.origin import Origin
from tests.terminal.drawing import drawn
from tests.terminal.recording import COLUMNS, ROWS, Recorder
from tests.worlds.deployment.deployed import ROOT

FILE = ROOT / "docs" / "screenshots" / "terminal.svg"
VIEWS = 10  # of each product
SHOWN_ADDRESS = "127.0.0.1:8000"  # as `make up` serves it; this stack has a free port
LIST = "spring-collection.csv"
TITLE = "pixmill validates a list, uploads it, shows its progress, and fetches what came out"


async def main() -> None:
    for product in PRODUCTS:
        photo_of(product.file)  # drawn beforehand: meanwhile the host would answer nobody
    with tempfile.TemporaryDirectory() as folder, own_stack(Path(folder) / "data") as stack:
        async with Origin(show=view).open() as host:
            recorder = await asyncio.to_thread(record, Path(folder), stack.endpoints["url"], host.base)
    FILE.write_text(drawn(recorder.frames, columns=COLUMNS, rows=ROWS, title=TITLE), "utf-8")


def view(name: str) -> web.Response:
    """The same photograph of a product for each of its views."""
    return photo(f"{name.rpartition('-')[0]}.jpg")


def record(folder: Path, url: str, host: str) -> Recorder:
    (folder / LIST).write_text(collection(host))
    environment = {
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PIXMILL_URL": url,
    }
    recorder = Recorder(folder, environment, {urlsplit(url).netloc: SHOWN_ADDRESS})
    assert recorder.run(["pixmill", "validate", LIST]) == 0
    assert recorder.run(["pixmill", "upload", LIST, "--watch", "--output", "smaller.csv"]) == 0
    with Client(url) as client:
        (request,) = client.requests()
    assert recorder.run(["pixmill", "download", request.id, "--images", "pictures"]) == 0
    return recorder


def collection(host: str) -> str:
    rows = (
        f'{number},{product.name},"{",".join(addresses(host, product.file))}"'
        for number, product in enumerate(PRODUCTS, start=1)
    )
    return "\n".join([HEADER, *rows]) + "\n"


def addresses(host: str, file: str) -> list[str]:
    name = file.removesuffix(".jpg")
    return [f"{host}/{name}-{view}.jpg" for view in range(1, VIEWS + 1)]


if __name__ == "__main__":
    refuse_arguments("tests.terminal", __doc__, settings="")
    asyncio.run(main())
