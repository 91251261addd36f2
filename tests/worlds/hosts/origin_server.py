"""What image hosts on loopback have in common: a server on a port of its own, and what they show."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from tests.worlds.files.pictures import noise, saved

JPEG = saved(noise((160, 120)).convert("RGB"), "JPEG", quality=90)


@asynccontextmanager
async def open_origin(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """Its address, while the block runs. `name` of the request's `match_info` is the file."""
    app = web.Application()
    app.router.add_get("/{name}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def picture(name: str) -> web.Response:
    """No two names have the same bytes."""
    return web.Response(body=JPEG + name.encode(), content_type="image/jpeg")
