"""The page for people: its files, read and packed once, answered to anyone who asks. What the page asks for
in turn are the calls of everybody else.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from services.status.api.answers.packed import Packed, packed_answer
from shared.web.methods import READ

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
_COMMENT = re.compile(rb"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)$", re.MULTILINE | re.DOTALL)
_HEADERS = {
    "Cache-Control": "no-cache",  # asked for anew each time, and answered 304: all files are of one release
    "Content-Security-Policy": "; ".join(_ALLOWED),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


def page_routes() -> APIRouter:
    router = APIRouter(include_in_schema=False)
    files = dict(read_files(FILES))

    @router.api_route("/", methods=READ)
    async def front(request: Request) -> Response:
        return packed_answer(request, files[FRONT], _HEADERS)

    @router.api_route("/page/{name:path}", methods=READ)
    async def one_file(request: Request, name: str) -> Response:
        if name not in files:
            raise HTTPException(404)
        return packed_answer(request, files[name], _HEADERS)

    return router


def read_files(folder: Path) -> Iterator[tuple[str, Packed]]:
    """Each with its path below the folder."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in MEDIA_TYPES:
            yield path.relative_to(folder).as_posix(), Packed(_content(path), MEDIA_TYPES[path.suffix])


def _content(path: Path) -> bytes:
    """Of a script without the comments that have lines of their own: they are for us. Each line keeps its
    number.
    """
    content = path.read_bytes()
    if path.suffix != ".js":
        return content
    return _COMMENT.sub(lambda comment: b"\n" * comment[0].count(b"\n"), content)
