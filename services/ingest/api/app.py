"""The HTTP side of ingest: its routes in three families of paths, all into the same `Uploads`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from services.ingest.api import answers
from services.ingest.api.openapi import answers as described
from services.ingest.api.openapi.form import CAMEL_FORM, SNAKE_FORM
from services.ingest.api.openapi.operations import judging, uploading
from services.ingest.api.template import TEMPLATE
from services.ingest.api.upload import Uploads
from shared.contract.webhook_secret import signing_secret
from shared.observing.health import Health
from shared.version import VERSION
from shared.web.api_keys import Scope
from shared.web.auth import Authenticator
from shared.web.cors import allow_origins
from shared.web.health_routes import health_routes
from shared.web.log import install_http_log
from shared.web.methods import READ
from shared.web.openapi.answers import keyed, operation
from shared.web.openapi.document import OwnDocument, document_routes
from shared.web.openapi.schemas import Json
from shared.web.other_service import belongs_to_status
from shared.web.pages.problem_pages import problem_routes
from shared.web.problems import install_problems, internal
from shared.web.rate_limiting import install_rate_limit_headers
from shared.web.server.draining import install_draining

Upload = Callable[[Request, str], Awaitable[JSONResponse]]

ABOUT = """\
Upload a CSV of products and their image URLs: every image is fetched and compressed. The status service tells
how far it is.

A file as spreadsheets write it is taken: other spellings of the columns, other delimiters and encodings,
several URLs in a cell, and workbooks (.xlsx, .ods). With `Accept: text/csv` invalid rows come back as your
own file with the columns Error and Suggestion. Send an `X-Request-Id` to find a call in the logs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    uploads: Uploads
    authenticator: Authenticator
    health: Health
    webhook_master_key: SecretStr
    public_url: str
    cors_origins: Sequence[str] = ()


def create_app(deps: Dependencies) -> FastAPI:
    app = FastAPI(
        title="Pixmill ingest", description=ABOUT, version=VERSION, redirect_slashes=False, openapi_url=None
    )
    install_problems(app, belongs_to_status)
    app.include_router(health_routes(deps.health))
    app.include_router(problem_routes())
    app.include_router(document_routes(_document(deps)))
    _add_uploads(app, deps)
    _add_helpers(app, deps)
    install_draining(app)
    allow_origins(app, deps.cors_origins)
    install_rate_limit_headers(app)
    install_http_log(app)
    return app


def _document(deps: Dependencies) -> OwnDocument:
    return OwnDocument(schemas=described.SCHEMAS, asks_for_keys=deps.authenticator.asks_for_keys)


def _add_uploads(app: FastAPI, deps: Dependencies) -> None:
    uploader = Depends(deps.authenticator.tenant_with(Scope.UPLOAD))
    public_url = deps.public_url.rstrip("/")

    def add(path: str, answer: answers.Render, *, name: str, schema: str, form: Json) -> Upload:
        @app.post(path, **uploading(name, described.accepted(answer, schema), form))
        async def upload(request: Request, tenant: str = uploader) -> JSONResponse:
            return answer(await deps.uploads.accept(request, tenant), public_url)

        return upload

    add("/v1/requests", answers.created, name="uploadV1", schema="Accepted", form=SNAKE_FORM)
    snake = add("/upload", answers.uploaded, name="uploadSnake", schema="Accepted", form=SNAKE_FORM)
    camel = add(
        "/api/upload", answers.api_uploaded, name="uploadCamel", schema="AcceptedCamel", form=CAMEL_FORM
    )
    app.post("/upload/", include_in_schema=False)(snake)
    app.post("/api/upload/", include_in_schema=False)(camel)

    @app.post(
        "/v1/validate",
        **judging("validate", "Judge a CSV without accepting it", described.judged(), SNAKE_FORM),
    )
    async def validate(request: Request, tenant: str = uploader) -> Response:
        return await deps.uploads.validate(request, tenant)


def _add_helpers(app: FastAPI, deps: Dependencies) -> None:
    manager = Depends(deps.authenticator.tenant_with(Scope.MANAGE))

    @app.api_route(
        "/v1/template.csv",
        methods=READ,
        openapi_extra={"security": []},
        **operation("template", "An example file", {"200": described.template()}, internal()),
    )
    async def template() -> Response:
        headers = {"Content-Disposition": 'attachment; filename="template.csv"'}
        return Response(TEMPLATE, media_type="text/csv; charset=utf-8", headers=headers)

    @app.api_route(
        "/v1/webhooks/secret",
        methods=READ,
        **operation(
            "webhookSecret",
            "The caller's webhook signing secret",
            {"200": described.secret()},
            *keyed(Scope.MANAGE),
        ),
    )
    async def secret(tenant: str = manager) -> JSONResponse:
        headers = {"Cache-Control": "no-store"}
        return JSONResponse({"secret": signing_secret(deps.webhook_master_key, tenant)}, headers=headers)
