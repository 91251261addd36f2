"""The shop of the demo: a host that serves its pictures, and the CSV that lists them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

PRODUCTS = (
    ("Teapot", ("teapot-front.jpg", "teapot-side.jpg")),
    ("Lamp", ("lamp.jpg", "lamp-detail.webp")),
    ("Chair", ("chair-front.jpg", "chair-back.jpg", "chair-logo.png")),
    ("Vase", ("vase.jpg",)),
    ("Rug", ("rug.jpg", "rug-corner.png", "rug.jpg")),
)


@asynccontextmanager
async def picture_host(pictures: Mapping[str, bytes]) -> AsyncIterator[str]:
    """Serves the pictures on a free port of this machine while the block runs; gives its address."""

    async def answer(request: web.Request) -> web.Response:
        picture = pictures.get(request.match_info["name"])
        return web.Response(status=404) if picture is None else web.Response(body=picture)

    app = web.Application()
    app.router.add_get("/{name}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def product_csv(host: str) -> str:
    lines = ["S. No.,Product Name,Input Image Urls"]
    for number, (name, pictures) in enumerate(PRODUCTS, start=1):
        urls = ",".join(f"{host}/{picture}" for picture in pictures)
        lines.append(f'{number},{name},"{urls}"')
    return "\r\n".join(lines) + "\r\n"
