"""An application behind the services' own side of a connection, without a process of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from shared.web.server.connections import ImpatientProtocol


@asynccontextmanager
async def own_http(
    app: ASGIApp, kind: type[ImpatientProtocol] = ImpatientProtocol
) -> AsyncIterator[tuple[int, ServerState]]:
    """Its port and who is connected; at the end every call has been answered and every connection is gone."""
    config = uvicorn.Config(app, lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    async with await loop.create_server(
        lambda: kind(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    ) as listening:
        yield listening.sockets[0].getsockname()[1], state
        await asyncio.gather(*state.tasks)
        await until_gone(state)


def stop(state: ServerState) -> None:
    """Tells every connection, as a service that stops does."""
    for connection in tuple(state.connections):
        connection.shutdown()


async def until_gone(state: ServerState) -> None:
    while state.connections:
        await asyncio.sleep(0.01)
