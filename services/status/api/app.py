"""The HTTP side of the status service: one app out of the routes of each file."""

from collections.abc import Sequence

from fastapi import FastAPI

from services.status.api import (
    actions,
    downloads,
    event_stream,
    failure_pages,
    feed,
    image_archive,
    image_files,
    spellings,
    v1,
)
from services.status.api.dependencies import Dependencies
from services.status.api.openapi import spellings as spelling_answers
from services.status.api.openapi import v1 as v1_answers
from services.status.api.page import page_routes
from services.status.api.reference.routes import reference_routes
from shared.observing.health import Health
from shared.version import VERSION
from shared.web.cors import allow_origins
from shared.web.health_routes import health_routes
from shared.web.log import install_http_log
from shared.web.openapi.document import OwnDocument, document_routes
from shared.web.other_service import belongs_to_ingest
from shared.web.pages.problem_pages import problem_routes
from shared.web.problems import install_problems
from shared.web.rate_limiting import install_rate_limit_headers
from shared.web.readers import install_readers
from shared.web.server.draining import install_draining

ABOUT = """\
How far uploads are, what became of each image, and the compressed files. Send an `X-Request-Id` to find a
call in the logs. Right after an upload the state is `pending`; an id that nobody knows is 404."""


def make_app(deps: Dependencies, health: Health, cors_origins: Sequence[str] = ()) -> FastAPI:
    # A redirect would drop the body of a client that posts, so a path matches exactly or not at all.
    app = FastAPI(
        title="Pixmill status", description=ABOUT, version=VERSION, redirect_slashes=False, openapi_url=None
    )
    app.state.deps = deps
    install_problems(app, belongs_to_ingest)
    install_readers(app, deps.readers)
    app.include_router(health_routes(health))
    app.include_router(problem_routes())
    schemas = {**v1_answers.SCHEMAS, **spelling_answers.SCHEMAS}
    document = OwnDocument(schemas=schemas, asks_for_keys=deps.authenticator.asks_for_keys)
    app.include_router(document_routes(document))
    app.include_router(reference_routes(document))
    for routes in (
        image_files,
        image_archive,
        downloads,
        v1,
        feed,
        event_stream,
        actions,
        spellings,
        failure_pages,
    ):
        app.include_router(routes.router)
    app.include_router(page_routes())
    install_draining(app)
    allow_origins(app, cors_origins)
    install_rate_limit_headers(app)
    install_http_log(app)
    return app
