"""The HTTP side of ingest: its routes in three families of paths, all into the same `Uploads`."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from services.ingest.api import answers
from services.ingest.api.openapi import api_document
from services.ingest.api.template import TEMPLATE
from services.ingest.api.upload import Uploads
from shared.contract.webhook_secret import signing_secret
from shared.observing.health import Health
from shared.web.api_keys import Scope
from shared.web.auth import Authenticator
from shared.web.cors import allow_origins
from shared.web.health_routes import health_routes
from shared.web.log import install_http_log
from shared.web.openapi import document_routes
from shared.web.problems import install_problems
from shared.web.rate_limiting import install_rate_limit_headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    uploads: Uploads
    authenticator: Authenticator
    health: Health
    webhook_master_key: SecretStr
    public_url: str
    cors_origins: Sequence[str] = ()


def create_app(deps: Dependencies) -> FastAPI:
    app = FastAPI(redirect_slashes=False, openapi_url=None)
    install_problems(app)
    app.include_router(health_routes(deps.health))
    app.include_router(document_routes(api_document(asks_for_keys=deps.authenticator.asks_for_keys)))
    _add_uploads(app, deps)
    _add_helpers(app, deps)
    allow_origins(app, deps.cors_origins)
    install_rate_limit_headers(app)
    install_http_log(app)
    return app


def _add_uploads(app: FastAPI, deps: Dependencies) -> None:
    uploader = Depends(deps.authenticator.tenant_with(Scope.UPLOAD))
    public_url = deps.public_url.rstrip("/")

    def add(paths: Sequence[str], answer: answers.Render) -> None:
        async def upload(request: Request, tenant: str = uploader) -> JSONResponse:
            return answer(await deps.uploads.accept(request, tenant), public_url)

        for path in paths:
            app.post(path)(upload)

    add(("/v1/requests",), answers.created)
    add(("/upload", "/upload/"), answers.uploaded)
    add(("/api/upload", "/api/upload/"), answers.api_uploaded)

    @app.post("/v1/validate")
    async def validate(request: Request, tenant: str = uploader) -> Response:
        return await deps.uploads.validate(request, tenant)


def _add_helpers(app: FastAPI, deps: Dependencies) -> None:
    manager = Depends(deps.authenticator.tenant_with(Scope.MANAGE))

    @app.api_route("/v1/template.csv", methods=["GET", "HEAD"])
    async def template() -> Response:
        headers = {"Content-Disposition": 'attachment; filename="template.csv"'}
        return Response(TEMPLATE, media_type="text/csv; charset=utf-8", headers=headers)

    @app.get("/v1/webhooks/secret")
    async def secret(tenant: str = manager) -> JSONResponse:
        headers = {"Cache-Control": "no-store"}
        return JSONResponse({"secret": signing_secret(deps.webhook_master_key, tenant)}, headers=headers)
