"""A server in a network that the services are not allowed to call. Who calls it all the same is noted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from chaos.live.journal import Journal, Trespassed
from chaos.live.load.serving import serving
from deploy.local.free_ports import free_port

HOST = "127.200.0.1"  # this machine too, and outside of what the world allows


@asynccontextmanager
async def forbidden_host(journal: Journal) -> AsyncIterator[str]:
    """Its address."""

    async def note(request: web.Request) -> web.Response:
        journal.add(Trespassed(path=request.path))
        return web.Response(status=404)

    app = web.Application()
    app.router.add_get("/{name}", note)
    port = free_port()
    async with serving(app, port, HOST):
        yield f"http://{HOST}:{port}"
