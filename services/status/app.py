"""The HTTP side of the status service: one app out of the routes of each file."""

from fastapi import FastAPI

from services.status import actions, api_v1, dialects, downloads, files, waiting
from services.status.parts import Parts
from shared.health import Health, health_routes
from shared.problems import install_problems


def make_app(parts: Parts, health: Health) -> FastAPI:
    # A redirect would drop the body of a client that posts, so a path matches exactly or not at all.
    app = FastAPI(
        title="Pixmill status", redirect_slashes=False, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.parts = parts
    install_problems(app)
    app.include_router(health_routes(health))
    for routes in (files, downloads, api_v1, waiting, actions, dialects):
        app.include_router(routes.router)
    return app
