"""The page for people: its files, read and packed once, answered to anyone who asks. What the page asks for
in turn are the calls of everybody else.
"""

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from services.status.api.answers.json_answers import READ, is_known, weak_tag

FILES = Path(__file__).parents[1] / "page"
FRONT = "index.html"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# Pictures come from where a CSV or PUBLIC_FILES_URL says, all else from here; text never becomes HTML.
_ALLOWED = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: https: http:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
_HEADERS = {
    "Cache-Control": "no-cache",  # asked for anew each time, and answered 304: all files are of one release
    "Content-Security-Policy": "; ".join(_ALLOWED),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    media_type: str
    content: bytes
    packed: bytes
    tag: str


def page_routes() -> APIRouter:
    router = APIRouter(include_in_schema=False)
    files = dict(read_files(FILES))

    @router.api_route("/", methods=READ)
    async def front(request: Request) -> Response:
        return _answer(request, files[FRONT])

    @router.api_route("/page/{name:path}", methods=READ)
    async def one_file(request: Request, name: str) -> Response:
        if name not in files:
            raise HTTPException(404)
        return _answer(request, files[name])

    return router


def read_files(folder: Path) -> Iterator[tuple[str, PageFile]]:
    """Each with its path below the folder."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in MEDIA_TYPES:
            content = path.read_bytes()
            packed = gzip.compress(content, mtime=0)
            file = PageFile(MEDIA_TYPES[path.suffix], content, packed, weak_tag(content))
            yield path.relative_to(folder).as_posix(), file


def _answer(request: Request, file: PageFile) -> Response:
    headers = {**_HEADERS, "ETag": file.tag}
    if is_known(request, file.tag):
        return Response(status_code=304, headers=headers)
    if not _takes_gzip(request.headers):
        return Response(file.content, headers=headers, media_type=file.media_type)
    return Response(file.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.media_type)


def _takes_gzip(headers: Mapping[str, str]) -> bool:
    for coding in headers.get("accept-encoding", "").split(","):
        name, _, weight = coding.replace(" ", "").lower().partition(";q=")
        if name == "gzip":
            return weight == "" or weight.strip("0.") != ""
    return False
