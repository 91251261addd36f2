"""The HTTP side of ingest: its routes in three families of paths, all into the same receiver."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from services.ingest import answers, form_schema
from services.ingest.ledger import Entry
from services.ingest.receive import Receiver
from shared.auth import Authenticator, Scope
from shared.cors import allow_origins
from shared.health import Health, health_routes
from shared.http_log import install_http_log
from shared.problems import install_problems
from shared.rate_limiting import install_rate_limit_headers
from shared.webhook_secret import signing_secret

TEMPLATE = (
    "S. No.,Product Name,Input Image Urls\r\n"
    '1,SKU1,"https://www.example.com/images/1-front.jpg,https://www.example.com/images/1-back.jpg"\r\n'
    "2,SKU2,https://www.example.com/images/2.jpg\r\n"
)

Answer = Callable[[Entry, str], JSONResponse]


@dataclass(frozen=True, slots=True)
class Dependencies:
    receiver: Receiver
    authenticator: Authenticator
    health: Health
    webhook_master_key: SecretStr
    public_url: str
    cors_origins: Sequence[str] = ()


def create_app(deps: Dependencies) -> FastAPI:
    app = FastAPI(title="Pixmill ingest", version="1", redirect_slashes=False, docs_url=None, redoc_url=None)
    install_problems(app)
    app.include_router(health_routes(deps.health))
    _add_uploads(app, deps)
    _add_helpers(app, deps)
    allow_origins(app, deps.cors_origins)
    install_rate_limit_headers(app)
    install_http_log(app)
    return app


def _add_uploads(app: FastAPI, deps: Dependencies) -> None:
    uploader = Depends(deps.authenticator.tenant_with(Scope.UPLOAD))
    public_url = deps.public_url.rstrip("/")

    def add(paths: Sequence[str], status: int, answer: Answer) -> None:
        async def upload(request: Request, tenant: str = uploader) -> JSONResponse:
            return answer(await deps.receiver.upload(request, tenant), public_url)

        for path in paths:
            app.post(path, **_documented(status, "Upload a CSV", in_schema=path == paths[0]))(upload)

    add(("/v1/requests",), 202, answers.created)
    add(("/upload", "/upload/"), 200, answers.uploaded)
    add(("/api/upload", "/api/upload/"), 202, answers.api_uploaded)

    @app.post("/v1/validate", **_documented(200, "Judge a CSV without accepting it"))
    async def validate(request: Request, tenant: str = uploader) -> Response:
        return await deps.receiver.validate(request, tenant)


def _add_helpers(app: FastAPI, deps: Dependencies) -> None:
    manager = Depends(deps.authenticator.tenant_with(Scope.MANAGE))

    @app.get("/v1/template.csv", summary="An example file")
    async def template() -> Response:
        headers = {"Content-Disposition": 'attachment; filename="template.csv"'}
        return Response(TEMPLATE, media_type="text/csv; charset=utf-8", headers=headers)

    @app.get("/v1/webhooks/secret", summary="The caller's webhook signing secret")
    async def secret(tenant: str = manager) -> JSONResponse:
        headers = {"Cache-Control": "no-store"}
        return JSONResponse({"secret": signing_secret(deps.webhook_master_key, tenant)}, headers=headers)


def _documented(status: int, summary: str, *, in_schema: bool = True) -> dict[str, Any]:
    return {
        "status_code": status,
        "summary": summary,
        "include_in_schema": in_schema,
        "openapi_extra": {"requestBody": form_schema.REQUEST_BODY},
    }
